import type { OpenAPIHono } from '@hono/zod-openapi';
import type { SeriesState } from '@halo/shapes/protocol/predictions.ts';
import type { CallerEnv } from '../../auth/identity.ts';
import { HaloError } from '../../platform/errors.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import type { Series } from '../forecast.ts';
import { findModel, hasArtefact, listModels } from '../model-store.ts';
import { findRun, listRuns } from '../../jobs/run-store.ts';
import * as declared from './admin-declaration.ts';
import { NO_STORE } from './api-parts.ts';
import type { PredictionRoutesParts } from './api-parts.ts';
import { pinModel, rollBack, unpinSeries } from './decide-champion.ts';
import { modelAnswer, runAnswer, seriesState } from './model-answers.ts';

/** What operators see and decide of runs and models. */
export function adminRoutes(parts: PredictionRoutesParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  addRuns(router, parts);
  addModels(router, parts);
  addDecisions(router, parts);
  return router;
}

function addRuns(router: OpenAPIHono<CallerEnv>, { pool, requireCaller, runs }: PredictionRoutesParts): void {
  router.openapi(declared.triggerRoute(requireCaller), async (c) => {
    return c.json({ runId: await runs.retrain(c.get('caller')) }, 202, NO_STORE);
  });
  router.openapi(declared.jobsRoute(requireCaller), async (c) => {
    const { job, state, ...page } = c.req.valid('query');
    const { items, nextCursor } = await readPage(page, ['jobs', job, state], (after, limit) =>
      listRuns(pool, { job, state }, after, limit),
    );
    return c.json({ jobs: items.map(runAnswer), nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.jobRoute(requireCaller), async (c) => {
    const run = await findRun(pool, c.req.valid('param').id);
    if (run === undefined) throw new HaloError('run_not_found', 'There is no such run.', { status: 404 });
    return c.json(runAnswer(run), 200, NO_STORE);
  });
}

function addModels(router: OpenAPIHono<CallerEnv>, { pool, requireCaller }: PredictionRoutesParts): void {
  router.openapi(declared.modelsRoute(requireCaller), async (c) => {
    const { placeKind, category, ...page } = c.req.valid('query');
    const { items, nextCursor } = await readPage(page, ['models', placeKind, category], (after, limit) =>
      listModels(pool, { placeKind, category }, after, limit),
    );
    return c.json({ models: items.map(modelAnswer), nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.modelRoute(requireCaller), async (c) => {
    const model = await findModel(pool, c.req.valid('param').id);
    if (model === undefined)
      throw new HaloError('model_not_found', 'There is no such model.', { status: 404 });
    const series = await stateOf(pool, model);
    return c.json(
      { ...modelAnswer(model), hasArtefact: await hasArtefact(pool, model.id), series },
      200,
      NO_STORE,
    );
  });
}

function addDecisions(
  router: OpenAPIHono<CallerEnv>,
  { pool, requireCaller, runs, clock }: PredictionRoutesParts,
): void {
  router.openapi(declared.pinRoute(requireCaller), async (c) => {
    const caller = c.get('caller');
    const series = await pinModel(pool, c.req.valid('param').id, caller, clock.now());
    runs.rescoreSoon(caller);
    return c.json(await stateOf(pool, series), 200, NO_STORE);
  });
  router.openapi(declared.unpinRoute(requireCaller), async (c) => {
    const series = c.req.valid('param');
    await unpinSeries(pool, series, c.get('caller'), clock.now());
    return c.json(await stateOf(pool, series), 200, NO_STORE);
  });
  router.openapi(declared.rollBackRoute(requireCaller), async (c) => {
    const caller = c.get('caller');
    const series = c.req.valid('param');
    await rollBack(pool, series, caller, clock.now());
    runs.rescoreSoon(caller);
    return c.json(await stateOf(pool, series), 200, NO_STORE);
  });
}

async function stateOf(pool: PredictionRoutesParts['pool'], series: Series): Promise<SeriesState> {
  const state = await seriesState(pool, series);
  // A model is there only where somebody speaks for its series.
  if (state === undefined) throw new Error('a series has models and no champion');
  return state;
}
