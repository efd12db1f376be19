import type { Role } from '../protocol/auth.ts';
import type { Verification } from './states.ts';

/** A state that officers move an incident between: whether it is over, or how far it is to be believed. */
export type IncidentState = 'open' | 'closed' | Verification;

/** Who may decide about incidents. */
export const DECIDERS: readonly Role[] = ['officer', 'operator'];

/**
 * The legal transitions, and the roles that may make them. What was verified is disputed before it is
 * dismissed, and the other way round: no single word turns one into the other.
 */
export const INCIDENT_TRANSITIONS: Readonly<
  Record<IncidentState, Readonly<Partial<Record<IncidentState, readonly Role[]>>>>
> = {
  open: { closed: DECIDERS },
  closed: { open: DECIDERS },
  unverified: { verified: DECIDERS, disputed: DECIDERS, dismissed: DECIDERS },
  corroborated: { verified: DECIDERS, disputed: DECIDERS, dismissed: DECIDERS },
  verified: { disputed: DECIDERS },
  disputed: { verified: DECIDERS, dismissed: DECIDERS },
  dismissed: { disputed: DECIDERS },
};

export const INCIDENT_STATES = Object.keys(INCIDENT_TRANSITIONS) as [IncidentState, ...IncidentState[]];

/** Whether a role may move an incident from one state to another. */
export function mayTransition(role: Role, from: IncidentState, to: IncidentState): boolean {
  return INCIDENT_TRANSITIONS[from][to]?.includes(role) ?? false;
}
