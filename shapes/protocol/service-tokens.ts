import { z } from 'zod';
import { SCOPES } from '../taxonomy/scopes.ts';

const time = z.iso.datetime();

/** Longest life of a service token, in days. */
export const MAX_SERVICE_TOKEN_DAYS = 365;
/** Service tokens that are good at once. */
export const MAX_SERVICE_TOKENS = 100;

/** Body of `POST /api/v1/admin/service-tokens`. */
export const serviceTokenMakeSchema = z.strictObject({
  /** Shown to operators, and beside what the integration does. */
  name: z.string().trim().min(1).max(80),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, 'must name each scope once'),
  expiresInDays: z.number().int().min(1).max(MAX_SERVICE_TOKEN_DAYS),
});

export const SERVICE_TOKEN_STATES = ['active', 'expired', 'revoked'] as const;

/** A service token, without its secret. */
export const serviceTokenSchema = z.object({
  id: z.uuid(),
  /** The account that it acts as: in reports, and in the audit log. */
  userId: z.uuid(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  state: z.enum(SERVICE_TOKEN_STATES),
  /** The operator, unless he was forgotten. */
  createdBy: z.uuid().nullable(),
  /** Whether it is good, and whoever made it is no operator any more: disabled, of another role, or forgotten. */
  orphaned: z.boolean(),
  createdAt: time,
  expiresAt: time,
  /** To within a minute; null: never. */
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
});

/** Answer of `POST /api/v1/admin/service-tokens`: the only time that the secret is shown. */
export const serviceTokenMadeSchema = z.object({ serviceToken: serviceTokenSchema, token: z.string() });

/** Answer of `GET /api/v1/admin/service-tokens`, newest first. */
export const serviceTokenListSchema = z.object({
  serviceTokens: z.array(serviceTokenSchema),
  nextCursor: z.string().nullable(),
});

export type ServiceToken = z.infer<typeof serviceTokenSchema>;
export type ServiceTokenMake = z.infer<typeof serviceTokenMakeSchema>;
