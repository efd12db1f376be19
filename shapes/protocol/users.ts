import { z } from 'zod';
import { registerSchema } from './accounts.ts';
import { ROLES } from './auth.ts';

const time = z.iso.datetime();
const role = z.enum(ROLES);
/** Why an operator does something: it is kept in the audit log. */
const reason = z.string().trim().min(3).max(500);
const password = registerSchema.shape.password;
/** A secret that was handed over: an invitation's, or a reset's. */
const secret = z.string().min(20).max(200);

/** Invitations that are open at once, over all operators. */
export const MAX_OPEN_INVITATIONS = 500;
/** How long an invitation is good for, in days: at most, and where nothing is said. */
export const INVITATION_DAYS = { max: 30, default: 7 } as const;
/** How long a reset is good for, in hours. */
export const PASSWORD_RESET_HOURS = 24;

/**
 * What an account is: `account` has an e-mail address and a password here; `anonymous` is a person without either; `external` is
 * known to another issuer; `service` is that of a service token.
 */
export const USER_KINDS = ['account', 'anonymous', 'external', 'service'] as const;
/** `erasing`: disabled, and forgotten within minutes. */
export const USER_STATES = ['active', 'disabled', 'erasing'] as const;

/** An account as operators see it. */
export const userSchema = z.object({
  id: z.uuid(),
  kind: z.enum(USER_KINDS),
  /** Of `account` only. */
  email: z.string().nullable(),
  displayName: z.string(),
  role,
  state: z.enum(USER_STATES),
  /** Who vouches for an `external` account. */
  issuer: z.string().nullable(),
  createdAt: time,
  disabledAt: time.nullable(),
  /** When one of its sessions last got tokens: at most a quarter of an hour before its last request. */
  lastUsedAt: time.nullable(),
  /** Sessions that hold now. */
  sessions: z.number().int().nonnegative(),
  /** Service tokens that it made and that are good now, whether it is still an operator's or not. */
  serviceTokens: z.number().int().nonnegative(),
});

/** Answer of `GET /api/v1/admin/users`, newest first. */
export const userListSchema = z.object({ users: z.array(userSchema), nextCursor: z.string().nullable() });

/** Whether service tokens that the account made end, too; without it integrations go on, and their tokens are listed as orphaned. */
const revokeServiceTokens = z.boolean().optional();

/**
 * Body of `PATCH /api/v1/admin/users/{id}`: what is to be, of which at least one is given. Disabling ends all sessions, and what is
 * open with them, within five seconds; so does a role's end for what only that role may read.
 */
export const userChangeSchema = z
  .strictObject({
    role: role.optional(),
    state: z.enum(['active', 'disabled']).optional(),
    revokeServiceTokens,
    reason,
  })
  .refine((change) => change.role !== undefined || change.state !== undefined, {
    error: 'role or state must be given',
    path: ['role'],
  });

/** Body of what an operator does to somebody else and must give a reason for. */
export const reasonSchema = z.strictObject({ reason });

/** Body of `DELETE /api/v1/admin/users/{id}`. */
export const userEraseSchema = z.strictObject({ revokeServiceTokens, reason });

/** Body of `POST /api/v1/admin/invitations`. A newer invitation of the same address takes the older one's place. */
export const inviteSchema = z.strictObject({
  email: registerSchema.shape.email,
  role,
  expiresInDays: z.number().int().min(1).max(INVITATION_DAYS.max).default(INVITATION_DAYS.default),
});

export const INVITATION_STATES = ['open', 'accepted', 'revoked', 'expired'] as const;

/** An invitation, without its secret. */
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role,
  state: z.enum(INVITATION_STATES),
  /** The operator, unless he was forgotten. */
  invitedBy: z.uuid().nullable(),
  createdAt: time,
  expiresAt: time,
  /** Whose account it became, and when. */
  acceptedBy: z.uuid().nullable(),
  acceptedAt: time.nullable(),
});

/** Answer of `POST /api/v1/admin/invitations`: the only time that the secret is shown. */
export const invitedSchema = z.object({ invitation: invitationSchema, token: z.string() });

/** Answer of `GET /api/v1/admin/invitations`, newest first. */
export const invitationListSchema = z.object({
  invitations: z.array(invitationSchema),
  nextCursor: z.string().nullable(),
});

/** Body of `POST /api/v1/auth/invitations/accept`; the answer is the new account, which then logs in. */
export const acceptInvitationSchema = z.strictObject({
  token: secret,
  password,
  displayName: registerSchema.shape.displayName,
});

/** One session: a log-in on one device, a session of another issuer, or a service token. */
export const sessionSchema = z.object({
  id: z.uuid(),
  createdAt: time,
  /** When it last got tokens: at most a quarter of an hour before its last request. */
  lastUsedAt: time,
  expiresAt: time,
  /** The header `User-Agent` with which it last got tokens. */
  userAgent: z.string().nullable(),
  /** The header `Halo-App` of then: the app's name and version. */
  app: z.string().nullable(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
});

/** Answer of `GET /api/v1/auth/sessions` and of `GET /api/v1/admin/users/{id}/sessions`: those that hold, last used first. */
export const sessionListSchema = z.object({ sessions: z.array(sessionSchema) });

/** How many sessions were ended: answer of whatever ends sessions. What is open with them ends within five seconds. */
export const sessionsEndedSchema = z.object({ ended: z.number().int().nonnegative() });

/** Body of `POST /api/v1/auth/password`; all other sessions of the account end. */
export const passwordChangeSchema = z.strictObject({
  currentPassword: z.string().min(1).max(200),
  newPassword: password,
});

/** Answer of `POST /api/v1/admin/users/{id}/password-reset`: the operator hands the secret over; it is shown this once. */
export const passwordResetIssuedSchema = z.object({ token: z.string(), expiresAt: time });

/** Body of `POST /api/v1/auth/password-reset`; all sessions of the account end. */
export const passwordResetSchema = z.strictObject({ token: secret, password });

export type User = z.infer<typeof userSchema>;
export type UserChange = z.infer<typeof userChangeSchema>;
export type UserErase = z.infer<typeof userEraseSchema>;
export type Invitation = z.infer<typeof invitationSchema>;
export type InvitationState = (typeof INVITATION_STATES)[number];
export type Session = z.infer<typeof sessionSchema>;
export type UserKind = (typeof USER_KINDS)[number];
export type UserState = (typeof USER_STATES)[number];
