import { z } from 'zod';
import { INCIDENT_STATES } from '../taxonomy/incident-transitions.ts';
import { incidentSchema } from './incidents.ts';

const note = z.string().trim().max(1000).default('');
const uuid = z.uuid().toLowerCase();

/** Incidents that may be joined at once, and reports that may be parted from one. */
export const MAX_BY_HAND = 100;

/** Body of `POST /api/v1/incidents/{id}/transitions`; `from` is the state that the officer saw. */
export const transitionBodySchema = z.strictObject({
  from: z.enum(INCIDENT_STATES),
  to: z.enum(INCIDENT_STATES),
  note,
});

/** Its answer; not changed where another officer had decided the same. */
export const transitionMadeSchema = z.object({
  incidentId: z.uuid(),
  changed: z.boolean(),
  txid: z.string(),
});

/** Body of `POST /api/v1/incidents/{id}/split`: the reports that are no part of it. */
export const splitBodySchema = z.strictObject({ reportIds: z.array(uuid).min(1).max(MAX_BY_HAND), note });

/** Its answer: the incidents of what was left, and of what was parted. */
export const splitMadeSchema = z.object({ kept: z.uuid(), parted: z.uuid() });

/** Body of `POST /api/v1/incidents/{id}/join`: what is the same incident. */
export const joinBodySchema = z.strictObject({
  incidentIds: z
    .array(uuid)
    .min(1)
    .max(MAX_BY_HAND - 1),
  note,
});

/** Its answer: the incident that they are now. */
export const joinMadeSchema = z.object({ incidentId: z.uuid() });

/** Body of `POST /api/v1/incidents/{id}/matches`: the other side, and whether the two are one event. */
export const matchBodySchema = z.strictObject({ otherId: uuid, state: z.enum(['match', 'rejected']) });

/** An official event of an area and an incident that people reported, which may be one event. */
export const matchSchema = z.object({
  officialId: z.uuid(),
  incidentId: z.uuid(),
  state: z.enum(['match', 'candidate', 'rejected']),
  probability: z.number().min(0).max(1),
  /** An officer has said so; the machine leaves it. */
  byOfficer: z.boolean(),
  decidedBy: z.uuid().nullable(),
  decidedAt: z.iso.datetime(),
});

/** Answer of `GET /api/v1/incidents/{id}/matches`, the likeliest first; `other` is the one that was not asked for. */
export const matchListSchema = z.object({
  incidentId: z.uuid(),
  matches: z.array(matchSchema.extend({ other: incidentSchema })),
});

export type MatchAnswer = z.infer<typeof matchSchema>;
