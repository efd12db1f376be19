import { afterEach, beforeEach, expect, it } from 'vitest';
import { SCORE_JOB } from '../../server/jobs/run-store.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken, OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { ALL, forecastsOf, holdLease, insertCity, putSet } from '../integration/predictions-fixtures.ts';

let database: TestDatabase;
let servers: TestServer[];
beforeEach(async () => {
  database = await useTestDatabase();
  servers = [await startServerProcess(database.url), await startServerProcess(database.url)];
});
afterEach(() => Promise.all(servers.map(stopServerProcess)));

/** Asks a server for a retraining, as an operator does. */
async function trigger({ url }: TestServer): Promise<{ status: number; code?: string; runId?: string }> {
  const authorization = `Bearer ${await accessToken(url, OPERATOR)}`;
  const answer = await fetch(`${url}/api/v1/admin/retrain/trigger`, {
    method: 'POST',
    headers: { authorization },
  });
  return { status: answer.status, ...((await answer.json()) as { code?: string; runId?: string }) };
}

async function runOf(id: string | undefined) {
  const { rows } = await database.pool.query<{
    state: string;
    error_code: string | null;
    progress: number;
    step: string;
  }>('SELECT state, error_code, progress, step FROM job_runs WHERE id = $1', [id]);
  return rows[0];
}

it('a retraining whose server is killed is abandoned by the next one, and what was forecast stays', async () => {
  const { pool } = database;
  const [doomed, other] = servers as [TestServer, TestServer];
  // What each server makes up for when it starts is over, and nothing is scored meanwhile.
  await eventually(async () => {
    const { rows } = await pool.query(`SELECT state FROM job_runs WHERE job = 'retrain'`);
    expect(rows).toEqual([{ state: 'succeeded' }]);
  });
  const lease = await holdLease(database.url, SCORE_JOB);
  await insertCity(pool, new Date());
  await putSet(pool, new Date(), [{ series: ALL, forecasts: forecastsOf([0.3, 0.2], 28, new Date()) }]);
  const forecasts = async () =>
    (
      await pool.query<{ xmin: string }>(
        'SELECT place, window_start, expected, computed_at, xmin::text FROM predictions',
      )
    ).rows;
  const before = await forecasts();
  expect(before).toHaveLength(56);

  const first = await trigger(doomed);
  expect(first).toMatchObject({ status: 202 });
  // Its thread, which takes what the processors have left, is under way.
  await eventually(async () => expect((await runOf(first.runId))?.progress).toBeGreaterThan(0), {
    withinMs: 90_000,
  });
  expect(await trigger(other)).toMatchObject({ status: 409, code: 'run_in_progress', runId: first.runId });
  await doomed.process.kill('SIGKILL');

  // The lease went with the process; the record says so as soon as somebody else takes it.
  const second = await eventually(async () => {
    const answer = await trigger(other);
    expect(answer.status).toBe(202);
    return answer;
  });
  expect(await runOf(first.runId)).toMatchObject({ state: 'abandoned', error_code: 'run_abandoned' });
  expect(other.process.output()).toMatch(new RegExp(`"runId":"${first.runId}","code":"run_abandoned"`));
  await eventually(async () => expect((await runOf(second.runId))?.step).toMatch(/training/), {
    withinMs: 90_000,
  });
  expect(await forecasts()).toEqual(before);
  expect((await pool.query('SELECT id FROM models WHERE run_id = $1', [first.runId])).rowCount).toBe(0);

  // One that is stopped in order says so itself.
  await other.process.kill('SIGTERM');
  expect(await runOf(second.runId)).toMatchObject({ state: 'failed', error_code: 'run_interrupted' });
  expect(await forecasts()).toEqual(before);
  await lease.release();
}, 300_000);
