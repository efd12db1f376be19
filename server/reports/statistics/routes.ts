import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../../auth/identity.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE } from '../rest-parts.ts';
import type { RestParts } from '../rest-parts.ts';
import * as declared from './route-declaration.ts';
import { readCrossSourceStats, readReportStats, readSummary } from './statistics-store.ts';

/** Statistics, each counted from the rows when it is asked for. */
export function statisticsRoutes({ pool, requireCounter, clock }: RestParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(declared.reportStatsRoute(requireCounter), async (c) => {
    return c.json(await readReportStats(pool), 200, NO_STORE);
  });
  router.openapi(declared.crossSourceStatsRoute(requireCounter), async (c) => {
    return c.json(await readCrossSourceStats(pool), 200, NO_STORE);
  });
  router.openapi(declared.incidentSummaryRoute(requireCounter), async (c) => {
    return c.json(await readSummary(pool, clock.now()), 200, NO_STORE);
  });
  return router;
}
