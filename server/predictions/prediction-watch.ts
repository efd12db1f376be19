import type { Queryable } from '../db/pool.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { RETRAIN_JOB, SCORE_JOB } from '../jobs/run-store.ts';
import type { RecordedJob } from '../jobs/run-store.ts';

/** Runs take minutes and come by the hour: to be seen half a minute late is early enough. */
const READ_EVERY_MS = 30_000;

/** How a run may have ended. */
export const RUN_OUTCOMES = ['succeeded', 'failed', 'abandoned'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What Postgres says of forecasts: of all instances, whichever made them. */
export interface PredictionFacts {
  /** How the last run of each job that has ended did so. */
  readonly outcomes: Readonly<Partial<Record<RecordedJob, RunOutcome>>>;
  /** Series for which a trained model speaks, and what the oldest of those models knew; null where only baselines speak. */
  readonly trainedSeries: number;
  readonly oldestCutOff: Date | null;
  /** When the predictions in force were computed; null where there are none. */
  readonly computedAt: Date | null;
}

/** Reads now and then what Postgres says of forecasts, for those who watch over the server. */
export interface PredictionWatch extends Service {
  /** What was read last; undefined before the first time. */
  facts(): PredictionFacts | undefined;
}

/** A watch over the forecasts of a database. While Postgres does not answer the facts stay, and their ages grow. */
export function createPredictionWatch(
  db: Queryable,
  logger: Logger,
  everyMs: number = READ_EVERY_MS,
): PredictionWatch {
  const log = logger.child({ component: 'predictions' });
  let facts: PredictionFacts | undefined;
  let isHeard = true;
  return {
    name: 'watch over predictions',
    facts: () => facts,
    async run(signal) {
      while (!signal.aborted) {
        try {
          facts = await readFacts(db);
          isHeard = true;
        } catch (error) {
          if (isHeard) log.warn({ err: error }, 'how forecasts fare cannot be read');
          isHeard = false;
        }
        await sleep(everyMs, signal);
      }
    },
  };
}

async function readFacts(db: Queryable): Promise<PredictionFacts> {
  const { rows: ended } = await db.query<{ job: RecordedJob; state: RunOutcome }>(
    `SELECT DISTINCT ON (job) job, state FROM job_runs WHERE job = ANY ($1::text[]) AND state <> 'running'
     ORDER BY job, started_at DESC, id DESC`,
    [[RETRAIN_JOB, SCORE_JOB]],
  );
  const { rows } = await db.query<Omit<PredictionFacts, 'outcomes'>>(
    `SELECT count(m.id)::int AS "trainedSeries", min(m.cut_off) AS "oldestCutOff",
       (SELECT computed_at FROM prediction_sets) AS "computedAt"
     FROM champions c JOIN models m ON m.id = c.model_id AND m.kind = 'trained'`,
  );
  return { outcomes: Object.fromEntries(ended.map(({ job, state }) => [job, state])), ...rows[0]! };
}
