import { createRoute, z } from '@hono/zod-openapi';
import { auditListSchema } from '@halo/shapes/protocol/audit-log.ts';
import { AUDIT_ACTIONS } from '@halo/shapes/taxonomy/audit-actions.ts';
import type { RequireCaller } from '../auth/identity.ts';
import { answers, COMMON_FAULTS, cursor, instant, limit, problem, uuid } from '../platform/route-parts.ts';

const EXAMPLE_USER = '01936d2a-0000-7000-8000-0000000000a1';
const EXAMPLE_OPERATOR = '01936d2a-0000-7000-8000-0000000000f9';
const EXAMPLE_TIME = '2026-11-25T12:00:00.000Z';

/** `GET /api/v1/admin/audit-log`. */
export function auditLogRoute(requireCaller: RequireCaller) {
  return createRoute({
    tags: ['operators'],
    security: [{ bearer: [] }],
    middleware: requireCaller(['operator']),
    method: 'get',
    path: '/api/v1/admin/audit-log',
    summary: 'Who did what that not everybody may do, the newest first',
    description: 'The same entries are the shape `audit_log`. They are kept for two years.',
    request: {
      query: z.strictObject({
        actorId: uuid(EXAMPLE_OPERATOR).optional(),
        targetId: z.string().min(1).max(200).optional().openapi({ example: EXAMPLE_USER }),
        action: z.enum(AUDIT_ACTIONS).optional().openapi({ example: 'user.role_changed' }),
        outcome: z.enum(['done', 'refused']).optional().openapi({ example: 'done' }),
        from: instant('at or after', '2026-11-01T00:00:00Z'),
        to: instant('before', '2026-12-01T00:00:00Z'),
        cursor: cursor(),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Entries', auditListSchema, {
        entries: [
          {
            id: '01936d2a-0000-7000-8000-0000000000e7',
            at: EXAMPLE_TIME,
            actorId: EXAMPLE_OPERATOR,
            actorKind: 'account',
            actorRole: 'operator',
            action: 'user.role_changed',
            targetKind: 'user',
            targetId: EXAMPLE_USER,
            outcome: 'done',
            reason: 'Asked for by the duty officer',
            details: { from: 'reporter', to: 'officer' },
            address: '192.0.2.7',
            requestId: '8c1f3f6e-7d5f-4a35-9c0e-0d1f1d1f3a52',
          },
        ],
        nextCursor: null,
      }),
      ...COMMON_FAULTS,
      403: problem('Only operators may do this'),
    },
  });
}
