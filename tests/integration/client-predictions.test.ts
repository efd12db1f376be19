import type { Halo } from '@halo/client';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { ShapeMessage } from '@halo/shapes/protocol/messages.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import type { Lease } from '../../server/jobs/job.ts';
import { RETRAIN_JOB, SCORE_JOB } from '../../server/jobs/run-store.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken, OPERATOR } from '../support/server.ts';
import { useRealServer } from './client-real-server.ts';
import { ALL, BURGLARY, forecastsOf, holdLease, HOUR_MS, putSet, WINDOW_MS } from './predictions-fixtures.ts';

const WINDOWS = 28;
const SHAPES = [
  { name: 'predictions', params: { region: '01' } },
  { name: 'predictions_by_type', params: { region: '01', category: 'burglary' } },
  { name: 'models' },
  { name: 'job_runs' },
];
/** What a device keeps of each, and whether it is all that the table has. */
const KEPT = {
  predictions: `category, place, window_start, window_end, place_kind, region, expected, lower, upper, rank, band, reasons,
    model_id, cut_off, computed_at, valid_until FROM predictions WHERE category = 'all' ORDER BY place, window_start`,
  predictions_by_type: `category, place, window_start, expected, model_id, valid_until FROM predictions_by_type
    WHERE category = 'burglary' ORDER BY place, window_start`,
  models: 'id, place_kind, category, kind, decision, reason FROM models ORDER BY id',
  job_runs: 'id, job, state, started_at, finished_at, result, error_code FROM job_runs ORDER BY id',
};

const at = useRealServer();
// Both make predictions anew, on a server's first start as well.
let leases: Lease[] = [];
beforeEach(async () => {
  leases = [];
  for (const job of [RETRAIN_JOB, SCORE_JOB]) leases.push(await holdLease(at.database.url, job));
});
afterEach(async () => {
  for (const lease of leases) await lease.release();
});

/** Puts the expected counts of so many cells in force, in all windows from one on. */
const put = (now: Date, from: Date, all: readonly number[], burglaries: readonly number[]) =>
  putSet(at.database.pool, now, [
    { series: ALL, forecasts: forecastsOf(all, WINDOWS, from) },
    { series: BURGLARY, forecasts: forecastsOf(burglaries, WINDOWS, from) },
  ]);

/** Waits until the device has of each shape exactly what Postgres has. */
async function isAsSql(halo: Halo): Promise<void> {
  for (const [name, sql] of Object.entries(KEPT)) {
    const { rows } = await at.database.pool.query(
      `SELECT ${sql.replace('FROM predictions_by_type', 'FROM predictions')}`,
    );
    expect(rows.length, name).toBeGreaterThan(0);
    await eventually(async () => expect(await halo.query(`SELECT ${sql}`), name).toEqual(rows));
  }
}

it('a device keeps each set of predictions as it stands in Postgres, and is sent the difference alone', async () => {
  const sent = { insert: 0, update: 0, delete: 0 };
  const counting: typeof fetch = async (input, init) => {
    const answer = await realEnvironment.fetch(input, init);
    if (!answer.url.includes('/v1/shapes/predictions')) return answer;
    const text = await answer.clone().text();
    for (const message of text.startsWith('[') ? (JSON.parse(text) as ShapeMessage[]) : [])
      if (isChangeMessage(message)) sent[message.headers.operation] += 1;
    return answer;
  };
  const sentSince = (before: typeof sent) => ({
    insert: sent.insert - before.insert,
    update: sent.update - before.update,
    delete: sent.delete - before.delete,
  });
  const now = new Date();
  const from = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const later = (hours: number) => new Date(now.getTime() + hours * HOUR_MS);
  const counts = Array.from({ length: 40 }, (_, n) => 1 + n / 10);
  const others = counts.map((count, n) => (n === 7 ? count + 0.01 : count));
  const burglaries = counts.slice(0, 5);
  const as = { ...OPERATOR, id: 'operator' };
  const environment = { ...realEnvironment, fetch: counting };
  const halo = await at.device('console', { as, shapes: SHAPES, environment });
  await halo.whenLive();

  const first = await put(now, from, counts, burglaries);
  await isAsSql(halo);
  expect(first).toMatchObject({ written: 45 * WINDOWS, deleted: 0 });
  expect(sent).toEqual({ insert: 45 * WINDOWS, update: 0, delete: 0 });

  // One place says something else: its rows are sent, and nothing of the others, nor of the other category.
  let before = { ...sent };
  const changed = await put(later(1), from, others, burglaries);
  await isAsSql(halo);
  expect(changed).toMatchObject({ written: WINDOWS, deleted: 0 });
  expect(sentSince(before)).toEqual({ insert: 0, update: WINDOWS, delete: 0 });

  // A window is over and another one comes: a row goes and one comes for each place.
  before = { ...sent };
  await put(later(6), new Date(from.getTime() + WINDOW_MS), others, burglaries);
  await isAsSql(halo);
  expect(sentSince(before)).toEqual({ insert: 45, update: 0, delete: 45 });

  const reporter = await accessToken(at.url, at.account);
  const operator = await accessToken(at.url, OPERATOR);
  for (const [name, query, allowed] of [
    ['models', '', 403],
    ['job_runs', '', 403],
    ['predictions', '&region=01', 200],
    ['predictions_by_type', '&region=01&category=burglary', 200],
  ] as const) {
    const ask = (token: string) =>
      fetch(`${at.url}/v1/shapes/${name}?offset=-1${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const answers = await Promise.all([ask(operator), ask(reporter)]);
    expect(
      answers.map(({ status }) => status),
      name,
    ).toEqual([200, allowed]);
    if (allowed === 403) expect(await answers[1].json()).toMatchObject({ code: 'forbidden' });
  }
});
