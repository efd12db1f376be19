import { availableParallelism } from 'node:os';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import { toGeoJson } from '../areas/outline.ts';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import type { Job, Leases } from '../jobs/job.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { predictionRoutes } from '../predictions/api/routes.ts';
import { decide } from '../predictions/gate.ts';
import { predictionJobs } from '../predictions/prediction-jobs.ts';
import type { PredictionParts } from '../predictions/prediction-parts.ts';
import { createRunTrigger } from '../predictions/run-trigger.ts';
import { createWorkerHistories } from '../predictions/worker-histories.ts';
import type { Closers } from './closers.ts';
import { registerUnusable } from './observation.ts';
import type { Storage } from './storage.ts';

/** Forecasts take the processor where nobody else wants it: the server answers its clients from the same cores. */
const NICENESS = 10;

/** What predictions need from outside. */
export interface PredictionsOptions {
  readonly config: Pick<Config, 'retrainSchedule' | 'logLevel'>;
  readonly storage: Pick<Storage, 'pool' | 'gazetteer' | 'databaseUrl'>;
  readonly leases: Leases;
  readonly requireCaller: RequireCaller;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** The routes of predictions, and the jobs that make them. */
export function openPredictions(options: PredictionsOptions): {
  readonly routers: readonly OpenAPIHono<CallerEnv>[];
  readonly jobs: readonly Job[];
} {
  const { config, storage, leases, requireCaller, metrics, clock, logger, closers } = options;
  const { pool, gazetteer } = storage;
  let unusable = 0;
  registerUnusable(metrics, () => unusable);
  const parts: PredictionParts = {
    pool,
    histories: createWorkerHistories(pool, {
      databaseUrl: storage.databaseUrl,
      logLevel: config.logLevel,
      // One core is left to those who ask.
      threads: Math.max(1, availableParallelism() - 1),
      niceness: NICENESS,
    }),
    decide,
    onUnusable: () => void (unusable += 1),
    newId: uuidv7,
    clock,
    logger,
  };
  const runs = createRunTrigger(parts, leases);
  closers.add('predictions', () => runs.close());
  const outlineOf = (code: string) => {
    const outline = gazetteer.outlineOf(code);
    return outline === undefined ? null : toGeoJson(outline);
  };
  return {
    routers: predictionRoutes({ pool, gazetteer, outlineOf, requireCaller, runs, clock }),
    jobs: predictionJobs(parts, config.retrainSchedule),
  };
}
