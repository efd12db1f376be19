import { z } from 'zod';
import { INCIDENT_STATES, INCIDENT_TRANSITIONS } from '../taxonomy/incident-transitions.ts';

/**
 * Arguments of `incident.transition`: an officer decides about an incident. `from` is the state that he saw; what
 * the reports have made of it since is no matter, what another officer has decided since is a conflict.
 */
export const incidentTransitionSchema = z
  .strictObject({
    incidentId: z.uuid().toLowerCase(),
    from: z.enum(INCIDENT_STATES),
    to: z.enum(INCIDENT_STATES),
    note: z.string().trim().max(1000).default(''),
  })
  .refine(({ from, to }) => INCIDENT_TRANSITIONS[from][to] !== undefined, {
    message: 'There is no such transition.',
    path: ['to'],
  });

export const INCIDENT_TRANSITION = 'incident.transition';

/** What a caller passes in. */
export type IncidentTransitionInput = z.input<typeof incidentTransitionSchema>;
/** What the schema makes of it. */
export type IncidentTransitionArgs = z.output<typeof incidentTransitionSchema>;
