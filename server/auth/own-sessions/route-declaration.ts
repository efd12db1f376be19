import { createRoute, z } from '@hono/zod-openapi';
import * as schema from '@halo/shapes/protocol/users.ts';
import { answers, COMMON_FAULTS, problem } from '../../platform/route-parts.ts';
import { EXAMPLE, idParams } from '../declaration-parts.ts';
import type { RequireCaller } from '../identity.ts';

const own = (requireCaller: RequireCaller) => ({
  tags: ['auth'],
  security: [{ bearer: [] }],
  middleware: requireCaller(),
});

/** `GET /api/v1/auth/sessions`. */
export function ownSessionsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...own(requireCaller),
    method: 'get',
    path: '/api/v1/auth/sessions',
    summary: 'The caller’s sessions, one for each device that is logged in; the last used first',
    request: { query: z.strictObject({}) },
    responses: {
      200: answers('Sessions', schema.sessionListSchema, {
        sessions: [
          {
            id: EXAMPLE.ownSession,
            createdAt: EXAMPLE.time,
            lastUsedAt: EXAMPLE.time,
            expiresAt: '2027-01-24T12:00:00.000Z',
            userAgent: 'Mozilla/5.0 (Android 15; Mobile)',
            app: 'halo-field-app/0.1.0',
            current: true,
          },
        ],
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** `DELETE /api/v1/auth/sessions/{id}`. */
export function endOwnSessionRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...own(requireCaller),
    method: 'delete',
    path: '/api/v1/auth/sessions/{id}',
    summary: 'End one of the caller’s sessions, and what is open with it within five seconds',
    request: { params: idParams(EXAMPLE.ownSession) },
    responses: {
      200: answers('It has ended', schema.sessionsEndedSchema, { ended: 1 }),
      ...COMMON_FAULTS,
      404: problem('`session_not_found`: the caller has none of this id that holds'),
    },
  });
}
