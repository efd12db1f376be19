import { z } from 'zod';
import { AUDIT_ACTIONS, AUDIT_ACTOR_KINDS } from '../taxonomy/audit-actions.ts';
import { ROLES } from './auth.ts';

/** One entry: who did what, to what, when, from where, and what came of it. Never a secret. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  /** By the database's clock. */
  at: z.iso.datetime(),
  /** Null: the house itself, or somebody who was forgotten. */
  actorId: z.uuid().nullable(),
  actorKind: z.enum(AUDIT_ACTOR_KINDS),
  actorRole: z.enum(ROLES).nullable(),
  action: z.enum(AUDIT_ACTIONS),
  /** `user`, `session`, `invitation`, `service_token`, `device`, `mutation`, `incident`, `comment`, `job_run`, `model` or `series`. */
  targetKind: z.string(),
  /** Null where it was a person who was forgotten. */
  targetId: z.string().nullable(),
  /** `refused`: a rule of the house forbade it, such as that one operator stays. */
  outcome: z.enum(['done', 'refused']),
  /** In the actor's own words. */
  reason: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  /** As rate limits count it: of an IPv6 address, the network. */
  address: z.string().nullable(),
  /** `X-Request-Id` of the answer. */
  requestId: z.string().nullable(),
});

/** Answer of `GET /api/v1/admin/audit-log`, newest first. */
export const auditListSchema = z.object({
  entries: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;
