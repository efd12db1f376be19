import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Queryable } from '../db/pool.ts';
import { readPage } from '../platform/keyset-page.ts';
import { createRouter } from '../platform/router.ts';
import { listEntries } from './entry-store.ts';
import { auditLogRoute } from './route-declaration.ts';

/** The list of what was done, for operators. */
export function auditRoutes(db: Queryable, requireCaller: RequireCaller): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(auditLogRoute(requireCaller), async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const { items, nextCursor } = await readPage({ cursor, limit }, ['audit-log', filter], (after, count) =>
      listEntries(db, filter, after, count),
    );
    return c.json({ entries: [...items], nextCursor }, 200, { 'cache-control': 'no-store' });
  });
  return router;
}
