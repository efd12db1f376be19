import { createRoute, z } from '@hono/zod-openapi';
import { alertTrialSchema } from '@halo/shapes/protocol/alerts.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { answers, COMMON_FAULTS, problem } from '../../platform/route-parts.ts';

/** `POST /api/v1/admin/alerts/trial`. */
export function trialRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'post',
    path: '/api/v1/admin/alerts/trial',
    tags: ['operators'],
    security: [{ bearer: [] }],
    middleware: requireCaller(['operator']),
    summary: 'Send a message for a trial where alerts are told',
    description:
      'It says that nothing is wrong. The answer says whether the webhook took it; what no webhook took is no fault of this request. Whether somebody reads it there, only he can say.',
    request: { query: z.strictObject({}) },
    responses: {
      200: answers('What came of it', alertTrialSchema, { outcome: 'refused', reason: 'it answered 404' }),
      ...COMMON_FAULTS,
      403: problem('Only operators may do this'),
    },
  });
}
