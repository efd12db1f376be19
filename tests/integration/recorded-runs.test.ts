import { expect, it, onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { createLeases } from '../../server/jobs/lease.ts';
import { recordedJob } from '../../server/jobs/recorded-run.ts';
import type { RunWork } from '../../server/jobs/recorded-run.ts';
import { createScheduler } from '../../server/jobs/scheduler.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const logger = createLogger('silent');
const NEVER_SOON = '0 0 29 2 *';

/** Runs a scheduler with one recorded job; the result stops it. */
function startWith(
  database: { pool: Parameters<typeof recordedJob>[0]['pool']; url: string },
  work: RunWork,
) {
  const parts = { pool: database.pool, newId: uuidv7, clock: systemClock, logger };
  const leases = createLeases({ databaseUrl: database.url, logger, heartbeatMs: 50 });
  const jobs = [recordedJob(parts, 'backup', NEVER_SOON, work)];
  const controller = new AbortController();
  const running = createScheduler({ jobs, leases, clock: systemClock, logger }).run(controller.signal);
  const stop = async () => {
    controller.abort();
    await running;
  };
  onTestFinished(stop);
  return { stop };
}

it('a run that a stop cut off is made up for at the next start, at once, and one that was made is not', async () => {
  const database = await useTestDatabase();
  const states = async () => {
    const { rows } = await database.pool.query<{ state: string }>(
      'SELECT state FROM job_runs ORDER BY started_at',
    );
    return rows.map(({ state }) => state);
  };
  // None was ever made, so one begins at the start.
  const cutOff = startWith(
    database,
    (_id, _onProgress, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  );
  await eventually(async () => expect(await states()).toEqual(['running']));
  await cutOff.stop();
  expect(await states()).toEqual(['failed']);

  const made = startWith(database, () => Promise.resolve({ result: {} }));
  await eventually(async () => expect(await states()).toEqual(['failed', 'succeeded']));
  await made.stop();

  // Not for coming too soon after the other: a schedule of once in years has nothing to make up for.
  await database.pool.query(`UPDATE job_runs SET started_at = started_at - interval '1 hour'`);
  const idle = startWith(database, () => Promise.resolve({ result: {} }));
  await idle.stop();
  expect(await states()).toEqual(['failed', 'succeeded']);
});

it.each([
  ['a first run that waits for its time waits', [], false],
  ['and is owed once it was begun and cut off', ['run_interrupted'], true],
  ['but not once its process died', ['run_abandoned'], false],
])('%s', async (_, codes, isOwed) => {
  const { pool } = await useTestDatabase();
  for (const code of codes)
    await pool.query(
      `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, step, error_code, error)
       VALUES (gen_random_uuid(), 'retention', 'schedule', 'failed', now(), now(), '', $1, 'It ended.')`,
      [code],
    );
  const parts = { pool, newId: uuidv7, clock: systemClock, logger };
  const job = recordedJob(parts, 'retention', NEVER_SOON, () => Promise.resolve({ result: {} }), {
    firstWaits: true,
  });
  expect((await job.lastRunAt!()) === undefined).toBe(isOwed);
});
