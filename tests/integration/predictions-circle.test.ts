import { expect, it } from 'vitest';
import { REASON_WORDS } from '@halo/shapes/taxonomy/reason-words.ts';
import { simulateCity } from '../../server/demo/self-exciting-city.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { seededRandom } from '../../server/platform/seeded-random.ts';
import { readChampions } from '../../server/predictions/champion-store.ts';
import type { Forecaster, Series } from '../../server/predictions/forecast.ts';
import { decide } from '../../server/predictions/gate.ts';
import { predictionJobs } from '../../server/predictions/prediction-jobs.ts';
import { REASON_CODES } from '../../server/predictions/model/reasons.ts';
import { createWorkerForecaster } from '../../server/predictions/worker-forecaster.ts';
import { useTestDatabase } from '../support/database.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { gazetteer } from './mutations-support.ts';
import { HOUR_MS, NOW } from './predictions-fixtures.ts';

const DAYS = 480;
const FROM = new Date(NOW.getTime() - DAYS * 24 * HOUR_MS);

/** Fills the database with what happened in a city of which the model's own tests know that it can be learnt. */
async function insertCity(pool: Pool): Promise<void> {
  const rules = { centre: { lat: 59.33, lon: 18.07 }, resolution: 9, rings: 5, backgroundPerDay: 12 };
  const delays = { offspring: 0.35, meanDelayDays: 4, from: FROM, days: DAYS };
  const { cells, incidents } = simulateCity({ ...rules, ...delays }, seededRandom(7));
  await seedAreas(pool, gazetteer);
  await pool.query(
    `WITH given AS (
       SELECT gen_random_uuid() AS id, lat, lon, at FROM unnest($1::float8[], $2::float8[], $3::timestamptz[]) AS given (lat, lon, at)
     ), made AS (
       INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region, report_count,
         reporter_count) SELECT id, 'theft', 3, 0.5, at, lat, lon, 'point', '01', 1, 1 FROM given RETURNING id
     )
     INSERT INTO reports (id, source, type, severity, occurred_at, known_at, lat, lon, location_precision, accuracy_m, region,
       area_basis, incident_id)
     SELECT gen_random_uuid(), 'user', 'theft', 3, at, at, lat, lon, 'point', 10, '01', 'polygon', id FROM given`,
    [
      incidents.map(({ cell }) => cells[cell]!.lat),
      incidents.map(({ cell }) => cells[cell]!.lon),
      incidents.map(({ atMs }) => new Date(atMs)),
    ],
  );
}

/** Threads for one series, whose cost is the start of each; the others do without. */
function forecasterOf(isReal: (series: Series) => boolean): Forecaster {
  const real = createWorkerForecaster(1);
  const of = (series: Series) => (isReal(series) ? real : plainForecaster);
  return {
    train: (history, series, ...rest) => of(series).train(history, series, ...rest),
    score: (history, series, ...rest) => of(series).score(history, series, ...rest),
  };
}

it('a model is trained in a thread of its own from the rows, judged, kept, and speaks from then on', async () => {
  const { pool } = await useTestDatabase();
  await insertCity(pool);
  let now = NOW;
  const parts = {
    pool,
    forecaster: forecasterOf(({ placeKind, category }) => placeKind === 'cell-9' && category === 'all'),
    decide,
    onUnusable: () => {},
    newId: () => crypto.randomUUID(),
    clock: { now: () => now },
    logger: createLogger('error'),
  };
  const { signal } = new AbortController();
  const [retrain, score] = predictionJobs(parts, '0 2 * * *');
  await retrain!.run(signal);
  const champion = (await readChampions(pool)).find(
    (one) => one.placeKind === 'cell-9' && one.category === 'all',
  )!;
  expect(champion, champion.reason).toMatchObject({
    kind: 'trained',
    decision: 'promoted',
    unusableAt: null,
  });
  expect(champion.metrics).toMatchObject({ origins: 26 });

  now = new Date(NOW.getTime() + HOUR_MS);
  await score!.run(signal);
  const { rows } = await pool.query<{ models: string[]; windows: number; codes: string[]; expected: number }>(
    `SELECT array_agg(DISTINCT model_id) AS models, count(DISTINCT window_start)::int AS windows, sum(expected) AS expected,
       (SELECT array_agg(DISTINCT reason->>'code') FROM predictions, jsonb_array_elements(reasons) reason
        WHERE place_kind = 'cell-9' AND category = 'all') AS codes
     FROM predictions WHERE place_kind = 'cell-9' AND category = 'all'`,
  );
  expect(rows[0]).toMatchObject({ models: [champion.id], windows: 28 });
  // Some 18 a day.
  expect(rows[0]!.expected).toBeGreaterThan(60);
  expect(rows[0]!.expected).toBeLessThan(250);
  expect(Object.keys(REASON_WORDS)).toEqual(expect.arrayContaining([...rows[0]!.codes, ...REASON_CODES]));
  const { rows: runs } = await pool.query('SELECT job, state FROM job_runs ORDER BY started_at');
  expect(runs).toEqual([
    { job: 'retrain', state: 'succeeded' },
    { job: 'score', state: 'succeeded' },
  ]);
}, 120_000);
