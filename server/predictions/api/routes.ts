import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../../auth/identity.ts';
import { createRouter } from '../../platform/router.ts';
import { adminRoutes } from './admin-routes.ts';
import { NO_STORE } from './api-parts.ts';
import type { PredictionRoutesParts } from './api-parts.ts';
import { hotspots, predictionStats } from './hotspots.ts';
import { championsAnswer } from './model-answers.ts';
import * as declared from './route-declaration.ts';

/** The routes of predictions: for everybody with an account, and for operators. */
export function predictionRoutes(parts: PredictionRoutesParts): readonly OpenAPIHono<CallerEnv>[] {
  const { pool, requireCaller } = parts;
  const router = createRouter<CallerEnv>();
  router.openapi(declared.hotspotsRoute(requireCaller), async (c) => {
    return c.json(await hotspots(parts, c.req.valid('query')), 200, NO_STORE);
  });
  for (const path of ['/api/v1/predictions/stats', '/api/v1/predictions/hotspots/stats'] as const) {
    router.openapi(declared.statsRoute(requireCaller, path), async (c) => {
      return c.json(await predictionStats(parts, c.req.valid('query')), 200, NO_STORE);
    });
  }
  router.openapi(declared.championsRoute(requireCaller), async (c) => {
    return c.json(await championsAnswer(pool), 200, NO_STORE);
  });
  return [router, adminRoutes(parts)];
}
