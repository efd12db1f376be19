import { expect, it } from 'vitest';
import { REASON_WORDS } from '@halo/shapes/taxonomy/reason-words.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { readChampions } from '../../server/predictions/champion-store.ts';
import { createLocalHistories } from '../../server/predictions/local-histories.ts';
import { decide } from '../../server/predictions/gate.ts';
import { predictionJobs } from '../../server/predictions/prediction-jobs.ts';
import { REASON_CODES } from '../../server/predictions/model/reasons.ts';
import type { Histories } from '../../server/predictions/open-history.ts';
import { createWorkerHistories } from '../../server/predictions/worker-histories.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { cellsOf, HOUR_MS, insertCity, insertHistory, NOW } from '../integration/predictions-fixtures.ts';

/** A thread for one series, whose cost is its training; the others do without. */
function historiesOf(pool: Pool, databaseUrl: string): Histories {
  const plain = createLocalHistories(pool, plainForecaster);
  const threads = createWorkerHistories(pool, { databaseUrl, logLevel: 'error', threads: 1, niceness: 0 });
  return {
    async open(placeKind, cutOff, signal) {
      const local = await plain.open(placeKind, cutOff, signal);
      if (placeKind !== 'cell-9') return local;
      const real = await threads.open(placeKind, cutOff, signal);
      const of = (category: string) => (category === 'all' ? real : local);
      return {
        incidents: real.incidents,
        train: (category, ...rest) => of(category).train(category, ...rest),
        draft: (runId, speaker, artefact) => of(speaker.series.category).draft(runId, speaker, artefact),
        close: () => real.close(),
      };
    },
  };
}

it('a model is trained in a thread of its own from the rows, judged, kept, and speaks from then on', async () => {
  const { pool, url } = await useTestDatabase();
  await insertCity(pool, NOW);
  let now = NOW;
  const parts = {
    pool,
    histories: historiesOf(pool, url),
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
});

it('a thread that is ended in the middle leaves no connection, no drafts, and the reason', async () => {
  const { pool, url } = await useTestDatabase();
  await insertCity(pool, NOW);
  const connections = async () => {
    const { rows } = await pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`,
    );
    return rows.map(({ pid }) => pid);
  };
  const before = await connections();
  const newOnes = async () => (await connections()).filter((pid) => !before.includes(pid));
  const abort = new AbortController();
  const threads = createWorkerHistories(pool, {
    databaseUrl: url,
    logLevel: 'error',
    threads: 1,
    niceness: 0,
  });
  const history = await threads.open('cell-9', NOW, abort.signal);
  expect(history.incidents).toBeGreaterThan(1_000);
  expect(await newOnes()).toHaveLength(1);
  const speaker = {
    series: { placeKind: 'cell-9', category: 'all' },
    modelId: crypto.randomUUID(),
  } as const;
  const drafting = history.draft(crypto.randomUUID(), speaker, undefined);
  const reason = new Error('the server stops');
  abort.abort(reason);
  await expect(drafting).rejects.toBe(reason);
  await history.close();
  await eventually(async () => expect(await newOnes()).toEqual([]));
  expect((await pool.query('SELECT run_id FROM prediction_drafts')).rowCount).toBe(0);
  await expect(threads.open('cell-9', NOW, abort.signal)).rejects.toBe(reason);
});

it('what fails in a thread fails outside of it by the same code', async () => {
  const { pool, url } = await useTestDatabase();
  await insertHistory(pool, [{ at: cellsOf(1)[0]!, occurredAt: new Date(NOW.getTime() - HOUR_MS) }]);
  const nobodys = { databaseUrl: `${url}-of-nobody`, logLevel: 'silent', threads: 1, niceness: 0 };
  const threads = createWorkerHistories(pool, nobodys);
  const { signal } = new AbortController();
  await expect(threads.open('cell-9', NOW, signal)).rejects.toMatchObject({ code: 'internal' });
});

it('begins no thread where nothing is known', async () => {
  const { pool } = await useTestDatabase();
  const nobodys = {
    databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
    logLevel: 'silent',
    threads: 1,
    niceness: 0,
  };
  const history = await createWorkerHistories(pool, nobodys).open(
    'cell-9',
    NOW,
    new AbortController().signal,
  );
  expect(history.incidents).toBe(0);
  await history.close();
});
