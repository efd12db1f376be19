import type { Role } from '@halo/shapes/protocol/auth.ts';
import { mayTransition } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { IncidentState } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { Verification } from '@halo/shapes/taxonomy/states.ts';

/** An incident as those who decide about it need to know it. */
export interface JudgedIncident {
  readonly status: 'open' | 'closed';
  readonly verification: Verification;
  /** What an officer decided about its verification; null where only the reports speak. */
  readonly verdict: Verification | null;
  /** Active reports; an incident without any is no matter for decisions. */
  readonly reportCount: number;
}

/** What a decision comes to: it is made, it was made already, or the code of the rejection. */
export type Judgement = 'made' | 'already' | 'transition_conflict' | 'illegal_transition';

/**
 * Judges a decision by the state that the incident is in now. What the reports alone have changed since the officer
 * looked is no conflict: he decides above them.
 */
export function judgeTransition(
  incident: JudgedIncident,
  role: Role,
  from: IncidentState,
  to: IncidentState,
): Judgement {
  if (incident.reportCount === 0) return 'illegal_transition';
  const ofStatus = to === 'open' || to === 'closed';
  // The verdict closes such an incident, and only another verdict opens it.
  if (ofStatus && incident.verdict === 'dismissed') return 'illegal_transition';
  const now = ofStatus ? incident.status : incident.verification;
  const decided = ofStatus || incident.verdict !== null;
  if (decided && now === to) return 'already';
  if (decided && now !== from) return 'transition_conflict';
  return mayTransition(role, now === to ? from : now, to) ? 'made' : 'illegal_transition';
}
