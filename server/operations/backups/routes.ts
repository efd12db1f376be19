import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { restoreListSchema } from '@halo/shapes/protocol/restores.ts';
import type { CallerEnv, RequireCaller } from '../../auth/identity.ts';
import type { Queryable } from '../../db/pool.ts';
import { answers, COMMON_FAULTS } from '../../platform/route-parts.ts';
import { createRouter } from '../../platform/router.ts';

/** Restores are rare; who asks wants to know of the last ones. */
const TOLD = 5;

function restoresRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/api/v1/restores',
    tags: ['status'],
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    summary: 'When the server was put back from a backup, the newest first',
    description: 'What it had taken between the two moments is gone, and whoever sent it should look.',
    request: { query: z.strictObject({}) },
    responses: {
      200: answers('Restores, five at most', restoreListSchema, {
        restores: [{ takenAt: '2026-11-25T01:15:00.000Z', restoredAt: '2026-11-25T09:40:00.000Z' }],
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** What everybody may know of restores. */
export function restoreRoutes(db: Queryable, requireCaller: RequireCaller): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(restoresRoute(requireCaller), async (c) => {
    const { rows } = await db.query<{ taken_at: Date; restored_at: Date }>(
      `SELECT taken_at, restored_at FROM restores ORDER BY restored_at DESC LIMIT ${TOLD}`,
    );
    const restores = rows.map((row) => ({
      takenAt: row.taken_at.toISOString(),
      restoredAt: row.restored_at.toISOString(),
    }));
    return c.json({ restores }, 200, { 'cache-control': 'private, no-store' });
  });
  return router;
}
