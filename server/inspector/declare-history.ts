import { createRoute, z } from '@hono/zod-openapi';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import {
  HISTORY_KEPT_DAYS,
  HISTORY_MAX_POINTS,
  HISTORY_MAX_STEP_S,
  HISTORY_MIN_STEP_S,
  syncHistorySchema,
} from '@halo/shapes/protocol/sync-history.ts';
import type { RequireCaller } from '../auth/identity.ts';
import { answers, instant, wholeNumber } from '../platform/route-parts.ts';
import { common, FAULTS } from './declare-devices.ts';
import { EXAMPLE_HISTORY } from './examples.ts';

/** `GET /api/v1/admin/sync/history`. */
export function historyRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/history`,
    summary: 'How the sync fared: lag, devices by state, outboxes and mutations, in steps of time',
    description: `A look a minute is kept for ${HISTORY_KEPT_DAYS} days. Each point says the worst of its step; steps of which nothing is known are left out.`,
    request: {
      query: z.strictObject({
        from: instant('six hours before `to` without', '2026-11-25T05:30:00Z'),
        to: instant('now without', '2026-11-25T11:30:00Z'),
        step: wholeNumber(HISTORY_MIN_STEP_S, HISTORY_MAX_STEP_S)
          .refine((step) => step % HISTORY_MIN_STEP_S === 0, 'must be whole minutes')
          .optional()
          .openapi({
            type: 'integer',
            description: `seconds of a point, whole minutes; at most ${HISTORY_MAX_POINTS} points are given, and the shortest step that gives no more without`,
            example: 300,
          }),
      }),
    },
    responses: { 200: answers('The history', syncHistorySchema, EXAMPLE_HISTORY), ...FAULTS },
  });
}
