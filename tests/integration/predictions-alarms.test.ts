import { expect, it } from 'vitest';
import { registerForecasts, registerUnusable } from '../../server/compose/observation.ts';
import { readSharedFacts } from '../../server/operations/alerts/facts-store.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { readChampions } from '../../server/predictions/champion-store.ts';
import type { Forecaster, GateDecision } from '../../server/predictions/forecast.ts';
import { score } from '../../server/predictions/model/score.ts';
import { createLocalHistories } from '../../server/predictions/local-histories.ts';
import { predictionJobs } from '../../server/predictions/prediction-jobs.ts';
import { beginRun, RETRAIN_JOB } from '../../server/jobs/run-store.ts';
import { useTestDatabase } from '../support/database.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { cellsOf, HOUR_MS, insertHistory, NOW, trainedOf } from './predictions-fixtures.ts';

const { signal } = new AbortController();
const NEVER_SOON = '0 0 29 2 *';

/** Forecasts of one database, with what is logged and measured of them. */
async function watched() {
  const { pool } = await useTestDatabase();
  const [here] = cellsOf(1);
  await insertHistory(pool, [{ at: here!, occurredAt: new Date(NOW.getTime() - HOUR_MS) }]);
  let now = NOW;
  let unusable = 0;
  let decision: GateDecision['decision'] = 'promoted';
  const lines: { level: number; code?: string; reason?: string; category?: string }[] = [];
  const logger = createLogger('info', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
  });
  const clock = { now: () => now };
  let forecaster: Forecaster = {
    train: (_, series, cutOff) => Promise.resolve(trainedOf(series, cutOff)),
    score: (history, series, cutOff, _, aborted) =>
      plainForecaster.score(history, series, cutOff, undefined, aborted),
  };
  let facts: Awaited<ReturnType<typeof readSharedFacts>> | undefined;
  const metrics = createMetrics();
  registerUnusable(metrics, () => unusable);
  registerForecasts(metrics, () => facts, clock);
  return {
    pool,
    forecastBy: (others: Partial<Forecaster>) => void (forecaster = { ...forecaster, ...others }),
    decideBy: (other: typeof decision) => void (decision = other),
    passes: (hours: number) => void (now = new Date(now.getTime() + hours * HOUR_MS)),
    /** Runs a job; resolves with the code that it failed with, and with what was logged as an error meanwhile. */
    async run(job: 'retrain' | 'score') {
      now = new Date(now.getTime() + HOUR_MS);
      const parts = {
        pool,
        histories: createLocalHistories(pool, forecaster),
        decide: () => ({ decision, reason: 'The gate said so.' }),
        onUnusable: () => void (unusable += 1),
        newId: () => crypto.randomUUID(),
        clock,
        logger,
      };
      const from = lines.length;
      const code = await predictionJobs(parts, NEVER_SOON)
        .find(({ name }) => name === job)!
        .run(signal)
        .then(
          () => undefined,
          (error: unknown) => (error as HaloError).code,
        );
      const errors = lines.slice(from).filter(({ level }) => level >= 50);
      return { code, errors: errors.map((line) => line.code).toSorted() };
    },
    /** The metrics by name, as they are once Postgres has been asked. */
    async measured() {
      facts = await readSharedFacts(pool, [], ['retrain', 'score']);
      const text = await metrics.render();
      return (name: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1],
        );
    },
  };
}

it('a failed retraining, a damaged artefact and other features are told in log, records and metrics', async () => {
  const { pool, forecastBy, decideBy, passes, run, measured } = await watched();
  let metric = await measured();
  for (const name of ['halo_predictions_age_seconds', 'halo_champion_age_seconds'])
    expect(metric(name)).toBeNaN();
  expect(metric('halo_retraining_last{state="succeeded"}')).toBe(0);

  expect(await run('retrain')).toEqual({ code: undefined, errors: [] });
  passes(3);
  metric = await measured();
  expect(metric('halo_retraining_last{state="succeeded"}')).toBe(1);
  expect(metric('halo_champions_trained')).toBe(16);
  expect(metric('halo_champion_age_seconds')).toBe(3 * 3_600);
  expect(metric('halo_predictions_age_seconds')).toBe(3 * 3_600);
  expect(metric('halo_models_unusable_total')).toBe(0);

  const refuse: Forecaster['train'] = (_, series, cutOff) =>
    series.category === 'fire' && series.placeKind === 'cell-9'
      ? Promise.reject(new HaloError('no_convergence', 'The loss grows.'))
      : Promise.resolve(trainedOf(series, cutOff));
  forecastBy({ train: refuse });
  // Of the series, and of the whole run.
  expect(await run('retrain')).toEqual({
    code: 'training_failed',
    errors: ['training_failed', 'training_failed'],
  });
  metric = await measured();
  expect(metric('halo_retraining_last{state="failed"}')).toBe(1);
  expect(metric('halo_retraining_last{state="succeeded"}')).toBe(0);
  expect(metric('halo_predictions_age_seconds')).toBe(0);
  // What speaks for the series is the model of the run before: four hours old by now.
  expect(metric('halo_champion_age_seconds')).toBe(4 * 3_600);

  // One artefact is damaged, one of other features: of both the model before takes over, by the forecaster's own check.
  const speaking = async (category: string) =>
    (await readChampions(pool)).find((one) => one.placeKind === 'cell-9' && one.category === category)!;
  const [burglary, theft] = [await speaking('burglary'), await speaking('theft')];
  await pool.query(`UPDATE model_artefacts SET onnx = onnx || '\\x00' WHERE model_id = $1`, [burglary.id]);
  await pool.query('UPDATE models SET features_version = 99 WHERE id = $1', [theft.id]);
  forecastBy({
    score: (history, series, cutOff, artefact, aborted) =>
      artefact?.featuresVersion === 99
        ? score(history, series, cutOff, artefact, 1)
        : plainForecaster.score(history, series, cutOff, undefined, aborted),
  });
  expect(await run('score')).toEqual({ code: undefined, errors: ['artefact_unusable', 'features_differ'] });
  metric = await measured();
  expect(metric('halo_models_unusable_total')).toBe(2);
  expect(metric('halo_scoring_last{state="succeeded"}')).toBe(1);
  const { rows } = await pool.query(
    'SELECT id, unusable_code, unusable_reason FROM models WHERE unusable_at IS NOT NULL ORDER BY category',
  );
  const unusable_code = 'artefact_unusable';
  expect(rows).toEqual([
    { id: burglary.id, unusable_code, unusable_reason: expect.stringContaining('damaged') as string },
  ]);
  // Other features are no damage: a server that has them can let the model speak again. Both are told by the same alert.
  expect((await speaking('theft')).id).not.toBe(theft.id);
  const fallenBack = async () => (await readSharedFacts(pool, [], [])).champions?.fallenBack;
  expect(await fallenBack()).toBe(2);

  // A run whose holder died is told by the next one.
  const dead = { id: crypto.randomUUID(), job: RETRAIN_JOB, trigger: 'schedule', requestedBy: null } as const;
  await beginRun(pool, dead, NOW);
  decideBy('kept');
  expect(await run('retrain')).toEqual({
    code: 'training_failed',
    errors: ['run_abandoned', 'training_failed', 'training_failed'],
  });

  // Whoever spoke in their place has been weighed by then, and the alert is over.
  expect(await fallenBack()).toBe(0);
});
