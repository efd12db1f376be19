import { createRoute, z } from '@hono/zod-openapi';
import {
  modelDetailSchema,
  modelListSchema,
  runListSchema,
  runSchema,
  seriesStateSchema,
  triggeredSchema,
} from '@halo/shapes/protocol/predictions.ts';
import { RISK_CATEGORIES, SERVED_PLACE_KINDS } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { RECORDED_JOBS } from '../../jobs/run-store.ts';
import { answers, COMMON_FAULTS, cursor, limit, problem, uuid } from '../../platform/route-parts.ts';
import {
  EXAMPLE_MODEL,
  EXAMPLE_MODEL_ID,
  EXAMPLE_OPERATOR_ID,
  EXAMPLE_RUN,
  EXAMPLE_RUN_ID,
  EXAMPLE_TIMES,
} from './examples.ts';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

const FAULTS = { ...COMMON_FAULTS, 403: problem('Only operators may do this') };

const common = (requireCaller: RequireCaller) => ({
  tags: ['operators'],
  security: [{ bearer: [] }],
  middleware: requireCaller(['operator']),
});

const placeKind = z.enum(SERVED_PLACE_KINDS).openapi({ example: 'cell-9' });
const category = z.enum(RISK_CATEGORIES).openapi({ example: 'all' });
const page = { cursor: cursor(), limit: limit(DEFAULT_LIMIT, MAX_LIMIT) };

const EXAMPLE_SERIES = {
  placeKind: 'cell-9',
  category: 'all',
  modelId: EXAMPLE_MODEL_ID,
  pinned: true,
  pinnedBy: EXAMPLE_OPERATOR_ID,
  since: EXAMPLE_TIMES.computedAt,
  changes: [
    {
      modelId: EXAMPLE_MODEL_ID,
      cause: 'pin' as const,
      changedBy: EXAMPLE_OPERATOR_ID,
      changedAt: EXAMPLE_TIMES.computedAt,
    },
  ],
};

/** `POST /api/v1/admin/retrain/trigger`. */
export function triggerRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'post',
    path: '/api/v1/admin/retrain/trigger',
    summary: 'Begin a retraining',
    description: 'It goes on by itself; `GET /api/v1/admin/jobs/{id}` says how far it is and how it ended.',
    responses: {
      202: answers('It has begun', triggeredSchema, { runId: EXAMPLE_RUN_ID }),
      ...FAULTS,
      409: problem('`run_in_progress`: one is under way, on this instance or another; `runId` says which'),
    },
  });
}

/** `GET /api/v1/admin/jobs`. */
export function jobsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: '/api/v1/admin/jobs',
    summary: 'Runs of retraining, scoring and backups, the newest first',
    request: {
      query: z.strictObject({
        job: z.enum(RECORDED_JOBS).optional().openapi({ example: 'retrain' }),
        state: z
          .enum(['running', 'succeeded', 'failed', 'abandoned'])
          .optional()
          .openapi({ example: 'running' }),
        ...page,
      }),
    },
    responses: {
      200: answers('Runs', runListSchema, { jobs: [EXAMPLE_RUN], nextCursor: null }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/admin/jobs/{id}`. */
export function jobRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: '/api/v1/admin/jobs/{id}',
    summary: 'One run, and how far it is',
    request: { params: z.object({ id: uuid(EXAMPLE_RUN_ID) }), query: z.strictObject({}) },
    responses: {
      200: answers('The run', runSchema, EXAMPLE_RUN),
      ...FAULTS,
      404: problem('`run_not_found`: there is none, or it is too long ago'),
    },
  });
}

/** `GET /api/v1/admin/models`. */
export function modelsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: '/api/v1/admin/models',
    summary: 'Models that were trained, what the gate decided and why, the newest first',
    request: {
      query: z.strictObject({
        placeKind: placeKind.optional(),
        category: category.optional(),
        ...page,
      }),
    },
    responses: {
      200: answers('Models', modelListSchema, { models: [EXAMPLE_MODEL], nextCursor: null }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/admin/models/{id}`. */
export function modelRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: '/api/v1/admin/models/{id}',
    summary: 'One model, and who speaks for its series',
    request: { params: z.object({ id: uuid(EXAMPLE_MODEL_ID) }), query: z.strictObject({}) },
    responses: {
      200: answers('The model', modelDetailSchema, {
        ...EXAMPLE_MODEL,
        hasArtefact: true,
        series: EXAMPLE_SERIES,
      }),
      ...FAULTS,
      404: problem('`model_not_found`'),
    },
  });
}

const changed = (description: string) => answers(description, seriesStateSchema, EXAMPLE_SERIES);

/** `POST /api/v1/admin/models/{id}/pin`. */
export function pinRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'post',
    path: '/api/v1/admin/models/{id}/pin',
    summary: 'Let a model speak for its series until it is unpinned, whatever is trained',
    description: 'Predictions are made anew at once. The baseline of a series can be pinned, too.',
    request: { params: z.object({ id: uuid(EXAMPLE_MODEL_ID) }) },
    responses: {
      200: changed('Who speaks for the series now'),
      ...FAULTS,
      404: problem('`model_not_found`'),
      409: problem('`model_unusable`: its artefact is not kept, or cannot be used'),
    },
  });
}

const series = z.object({ placeKind, category });

/** `POST /api/v1/admin/series/{placeKind}/{category}/unpin`. */
export function unpinRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'post',
    path: '/api/v1/admin/series/{placeKind}/{category}/unpin',
    summary: 'End a pin: the gate decides again from the next training on',
    request: { params: series },
    responses: {
      200: changed('Who speaks for the series now'),
      ...FAULTS,
      404: problem('`series_not_found`: there was no run yet'),
    },
  });
}

/** `POST /api/v1/admin/series/{placeKind}/{category}/roll-back`. */
export function rollBackRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'post',
    path: '/api/v1/admin/series/{placeKind}/{category}/roll-back',
    summary: 'Go back to the model that spoke for a series before',
    description:
      'Predictions are made anew at once. The next training may promote another model; a pin prevents it.',
    request: { params: series },
    responses: {
      200: changed('Who speaks for the series now'),
      ...FAULTS,
      404: problem('`series_not_found`: there was no run yet'),
      409: problem('`no_previous_model`: none that can be used'),
    },
  });
}
