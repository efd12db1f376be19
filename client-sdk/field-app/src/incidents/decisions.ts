import type { Role } from '@halo/shapes/protocol/auth.ts';
import {
  INCIDENT_STATES,
  INCIDENT_TRANSITIONS,
  mayTransition,
} from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { IncidentState } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { OutboxEntry } from '@halo/client';

/** What is decided about an incident now. */
interface Judged {
  readonly status: string;
  readonly verification: string;
  readonly merged_into: string | null;
  readonly report_count: number;
}

/**
 * The decisions that this role may make now: verdicts first, then its end. None about one that was merged or has no report
 * any more; what was dismissed is closed by that, and only another verdict opens it.
 */
export function decisionsFor(
  role: Role,
  { status, verification, merged_into, report_count }: Judged,
): IncidentState[] {
  if (merged_into !== null || report_count === 0) return [];
  const from = verification === 'dismissed' ? [verification] : [verification, status];
  return from
    .filter(isState)
    .flatMap((state) => INCIDENT_STATES.filter((to) => mayTransition(role, state, to)));
}

const isState = (state: string): state is IncidentState => state in INCIDENT_TRANSITIONS;

/** Entries of the outbox that the server rejected and that are about this incident: decisions and comments. */
export function rejectedAbout(
  entries: readonly OutboxEntry[] | undefined,
  incidentId: string,
  types: readonly string[],
): OutboxEntry[] {
  return (entries ?? []).filter(({ state, type, args }) => {
    return (
      state === 'rejected' &&
      types.includes(type) &&
      (args as { incidentId?: unknown } | undefined)?.incidentId === incidentId
    );
  });
}
