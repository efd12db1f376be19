import { createRoute, z } from '@hono/zod-openapi';
import * as schema from '@halo/shapes/protocol/users.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { answers, body, cursor, limit, problem, uuid } from '../../platform/route-parts.ts';
import { EXAMPLE, idParams, OPERATOR_FAULTS, operators } from '../declaration-parts.ts';
import type { RequireCaller } from '../identity.ts';

const EXAMPLE_USER = {
  id: EXAMPLE.user,
  kind: 'account' as const,
  email: 'colleague@halo.example',
  displayName: 'A colleague',
  role: 'reporter' as const,
  state: 'active' as const,
  issuer: null,
  createdAt: EXAMPLE.time,
  disabledAt: null,
  lastUsedAt: EXAMPLE.time,
  sessions: 1,
  serviceTokens: 0,
};
const EXAMPLE_SESSION = {
  id: EXAMPLE.session,
  createdAt: EXAMPLE.time,
  lastUsedAt: EXAMPLE.time,
  expiresAt: '2027-01-24T12:00:00.000Z',
  userAgent: 'Mozilla/5.0 (Android 15; Mobile)',
  app: 'halo-field-app/0.1.0',
  current: false,
};
const REASON = { reason: 'Asked for by the duty officer' };
const UNKNOWN = problem('`user_not_found`');

/** `GET /api/v1/admin/users`. */
export function usersRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'get',
    path: '/api/v1/admin/users',
    summary: 'Accounts, the newest first',
    request: {
      query: z.strictObject({
        email: z
          .string()
          .trim()
          .toLowerCase()
          .min(1)
          .max(254)
          .optional()
          .openapi({ description: 'how the address begins', example: 'colleague' }),
        role: z.enum(ROLES).optional().openapi({ example: 'reporter' }),
        kind: z.enum(schema.USER_KINDS).optional().openapi({ example: 'account' }),
        state: z.enum(schema.USER_STATES).optional().openapi({ example: 'active' }),
        cursor: cursor(),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Accounts', schema.userListSchema, { users: [EXAMPLE_USER], nextCursor: null }),
      ...OPERATOR_FAULTS,
    },
  });
}

/** `GET /api/v1/admin/users/{id}`. */
export function userRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'get',
    path: '/api/v1/admin/users/{id}',
    summary: 'One account',
    request: { params: idParams(EXAMPLE.user), query: z.strictObject({}) },
    responses: {
      200: answers('The account', schema.userSchema, EXAMPLE_USER),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
    },
  });
}

/** `PATCH /api/v1/admin/users/{id}`. */
export function changeUserRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'patch',
    path: '/api/v1/admin/users/{id}',
    summary: 'Give an account another role, disable it, or enable it again',
    description:
      'Disabling ends all sessions of the account, and what is open with them, within five seconds; enabled again, it logs in anew. ' +
      'A new role holds within five seconds. What is so already changes nothing, and leaves no entry in the audit log. ' +
      'Service tokens that the account made stay good, and are listed as orphaned; `revokeServiceTokens` ends them, too.',
    request: {
      params: idParams(EXAMPLE.user),
      body: body(schema.userChangeSchema, { role: 'officer', ...REASON }),
    },
    responses: {
      200: answers('The account as it is now', schema.userSchema, { ...EXAMPLE_USER, role: 'officer' }),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
      409: problem(
        '`last_operator`: one operator with an account of this server stays; `own_account`: another operator must do it; ' +
          '`role_by_issuer`: its issuer says the role; `role_not_possible`: an anonymous or a service account is a reporter; ' +
          '`user_erasing`: it is being forgotten',
      ),
    },
  });
}

/** `DELETE /api/v1/admin/users/{id}`. */
export function eraseUserRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'delete',
    path: '/api/v1/admin/users/{id}',
    summary:
      'Forget a person who has asked for it: sessions end at once, and what is kept goes within minutes',
    description:
      'Service tokens that the account made stay good, and are listed as orphaned; `revokeServiceTokens` ends them, too.',
    request: { params: idParams(EXAMPLE.user), body: body(schema.userEraseSchema, REASON) },
    responses: {
      202: answers('It has begun', schema.userSchema, {
        ...EXAMPLE_USER,
        state: 'erasing',
        disabledAt: EXAMPLE.time,
        sessions: 0,
      }),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
      409: problem('`last_operator`; `own_account`: `DELETE /api/v1/auth/me` is for that'),
    },
  });
}

/** `GET /api/v1/admin/users/{id}/sessions`. */
export function userSessionsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'get',
    path: '/api/v1/admin/users/{id}/sessions',
    summary: 'Sessions of an account that hold, the last used first',
    request: { params: idParams(EXAMPLE.user), query: z.strictObject({}) },
    responses: {
      200: answers('Sessions', schema.sessionListSchema, { sessions: [EXAMPLE_SESSION] }),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
    },
  });
}

/** `DELETE /api/v1/admin/users/{id}/sessions/{sessionId}`. */
export function endUserSessionRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'delete',
    path: '/api/v1/admin/users/{id}/sessions/{sessionId}',
    summary: 'End one session of an account, and what is open with it',
    request: {
      params: z.object({ id: uuid(EXAMPLE.user), sessionId: uuid(EXAMPLE.session) }),
      body: body(schema.reasonSchema, REASON),
    },
    responses: {
      200: answers('It has ended', schema.sessionsEndedSchema, { ended: 1 }),
      ...OPERATOR_FAULTS,
      404: problem('`user_not_found`; `session_not_found`: there is none, or it has ended'),
    },
  });
}

/** `DELETE /api/v1/admin/users/{id}/sessions`. */
export function endUserSessionsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'delete',
    path: '/api/v1/admin/users/{id}/sessions',
    summary: 'End all sessions of an account, and what is open with them',
    description:
      'Whose session another issuer began may begin another there; disable the account to keep it out.',
    request: { params: idParams(EXAMPLE.user), body: body(schema.reasonSchema, REASON) },
    responses: {
      200: answers('They have ended', schema.sessionsEndedSchema, { ended: 0 }),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
    },
  });
}

/** `POST /api/v1/admin/users/{id}/password-reset`. */
export function issueResetRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'post',
    path: '/api/v1/admin/users/{id}/password-reset',
    summary: 'Issue a secret with which somebody sets a new password',
    description:
      `It is shown this once, for the operator to hand over, is good once, and for ${schema.PASSWORD_RESET_HOURS} hours. ` +
      'The old password stays good until then. A newer one takes its place.',
    request: { params: idParams(EXAMPLE.user), body: body(schema.reasonSchema, REASON) },
    responses: {
      201: answers('The secret', schema.passwordResetIssuedSchema, {
        token: EXAMPLE.resetToken,
        expiresAt: '2026-11-26T12:00:00.000Z',
      }),
      ...OPERATOR_FAULTS,
      404: UNKNOWN,
      409: problem('`no_password`: the account has none; `user_disabled`: enable it first'),
    },
  });
}
