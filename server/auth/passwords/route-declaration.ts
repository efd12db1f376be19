import { createRoute } from '@hono/zod-openapi';
import * as schema from '@halo/shapes/protocol/users.ts';
import { answers, body, COMMON_FAULTS, problem } from '../../platform/route-parts.ts';
import { EXAMPLE } from '../declaration-parts.ts';
import type { RequireCaller } from '../identity.ts';

/** `POST /api/v1/auth/password`. */
export function changePasswordRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'post',
    path: '/api/v1/auth/password',
    tags: ['auth'],
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    summary: 'Change the caller’s password; all other sessions end',
    request: {
      body: body(schema.passwordChangeSchema, {
        currentPassword: EXAMPLE.password,
        newPassword: 'another password of some length',
      }),
    },
    responses: {
      200: answers('It is changed', schema.sessionsEndedSchema, { ended: 0 }),
      ...COMMON_FAULTS,
      403: problem('`password_wrong`'),
      409: problem('`no_password`: the account has none here'),
    },
  });
}

/** `POST /api/v1/auth/password-reset`. */
export const resetPasswordRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/password-reset',
  tags: ['auth'],
  summary: 'Set a new password with the secret that an operator has handed over; all sessions end',
  request: {
    body: body(schema.passwordResetSchema, {
      token: EXAMPLE.resetToken,
      password: 'another password of some length',
    }),
  },
  responses: {
    200: answers('It is set; log in with it', schema.sessionsEndedSchema, { ended: 0 }),
    400: problem('`invalid_request`; `reset_invalid`: the secret is unknown, used, replaced or has run out'),
    429: COMMON_FAULTS[429],
  },
});
