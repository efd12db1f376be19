import type { CommentCreateInput } from '@halo/shapes/mutations/comment-create.ts';
import type { ReportChangesInput } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
import type { WatchSetInput } from '@halo/shapes/mutations/watch-set.ts';
import type { IncidentState } from '@halo/shapes/taxonomy/incident-transitions.ts';

/** A mutation that is durable on the device: its id, and its place in the queue. */
export interface Queued {
  readonly id: string;
  readonly seq: number;
}

/**
 * What a device can write. Each method checks its arguments with the schema that the server applies, resolves when
 * the mutation is durable in the outbox, with a network or without, and shows its effect in the replica at once
 * (`sync_state` is `queued` until the server has settled it). One that the server rejects shows no more, and is in
 * `outbox.list()` with the reason. Each throws `HaloClientError`: `invalid_report` (methods about reports) or
 * `invalid_mutation` naming the `field` that breaks a rule, `store_full`, `store_failed`, `closed`.
 */
export interface HaloMutations {
  /** Queues a report; its id is the mutation's. */
  report(report: ReportCreateInput): Promise<Queued>;
  /**
   * Corrects an own report, one that is still in the queue too. Where another device has changed the same field
   * since, the server rejects it (`version_conflict`), unless that field is the description.
   *
   * @param changes only the fields to be changed; a location is changed as a whole.
   * @param seen the version that the author had before him; without it the one that the replica shows, or what the
   * queue makes of the report. `invalid_report` naming `version` when this device knows neither,
   * `replica_unavailable` when the replica cannot be asked, or has not answered within 20 s.
   */
  amendReport(
    reportId: string,
    changes: ReportChangesInput,
    seen?: { readonly version: number },
  ): Promise<Queued>;
  /** Takes an own report back, for good; one that is still in the queue too. */
  withdrawReport(reportId: string): Promise<Queued>;
  /**
   * Comments on an incident, or on the one that an own report belongs to, which may still be in the queue. The
   * comment's id is the mutation's. It is seen by all who see the incident, and names nobody.
   */
  addComment(comment: CommentCreateInput): Promise<Queued>;
  /** Deletes an own comment; officers delete any. */
  deleteComment(commentId: string): Promise<Queued>;
  /** Watches a place, whose id is the mutation's; with `watchId` sets all of an own one anew. */
  setWatch(watch: WatchSetInput): Promise<Queued>;
  /** Watches an own place no more. */
  removeWatch(watchId: string): Promise<Queued>;
  /**
   * Decides about an incident, as an officer: `closed` or `open`, or how far it is to be believed.
   *
   * @param decision.from the state that the officer had before him; without it the one that the replica shows.
   * `invalid_mutation` naming `from` when this device does not know it, `replica_unavailable` as `amendReport`.
   * @param decision.note at most 1,000 characters, for other officers.
   */
  transitionIncident(
    incidentId: string,
    to: IncidentState,
    decision?: { readonly from?: IncidentState; readonly note?: string },
  ): Promise<Queued>;
}
