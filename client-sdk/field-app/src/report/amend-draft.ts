import type { ReportChangesInput } from '@halo/client';
import { localInputValue } from '../texts/format.ts';
import { checkDraft, draftOfArgs } from './report-draft.ts';
import type { DraftErrors, ReportDraft } from './report-draft.ts';

/** What a report says now, in the terms of the replica's rows. */
export type ReportSaid = {
  readonly type: string;
  readonly severity: number;
  readonly occurred_at: Date;
  readonly description: string;
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number | null;
};

/** The form of a report that is to be changed: filled with what it says, and with changes that were made before. */
export function draftOfReport(said: ReportSaid, changes: unknown): ReportDraft {
  return draftOfArgs({
    type: said.type,
    severity: said.severity,
    occurredAt: said.occurred_at.toISOString(),
    description: said.description,
    location: { lat: said.lat, lon: said.lon, accuracyM: said.accuracy_m ?? 0 },
    ...(typeof changes === 'object' ? changes : {}),
  });
}

/**
 * The fields of the form that differ from what the report says, or what is wrong with them. The form knows times to
 * the minute: one that was not touched is no change.
 *
 * @param always fields that are named all the same: those of a rejected change, which the form may have put back.
 */
export function changesOf(
  said: ReportSaid,
  draft: ReportDraft,
  nowMs: number,
  always: readonly string[] = [],
): { readonly changes: ReportChangesInput | undefined } | { readonly errors: DraftErrors } {
  const checked = checkDraft(draft, nowMs);
  if ('errors' in checked) return checked;
  const { type, severity, description, location } = checked.report;
  const sameTime = draft.when === 'earlier' && draft.earlierAt === localInputValue(said.occurred_at);
  const occurredAt = sameTime ? said.occurred_at.toISOString() : checked.report.occurredAt;
  const samePlace =
    location.lat === said.lat && location.lon === said.lon && location.accuracyM === (said.accuracy_m ?? 0);
  const stays = (field: keyof ReportChangesInput, same: boolean) => same && !always.includes(field);
  const changes: ReportChangesInput = {
    ...(stays('type', type === said.type) ? {} : { type }),
    ...(stays('severity', severity === said.severity) ? {} : { severity }),
    ...(stays('occurredAt', sameTime) ? {} : { occurredAt }),
    ...(stays('description', description === said.description) ? {} : { description }),
    ...(stays('location', samePlace) ? {} : { location }),
  };
  return { changes: Object.keys(changes).length === 0 ? undefined : changes };
}
