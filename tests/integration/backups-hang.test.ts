import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { createLeases } from '../../server/jobs/lease.ts';
import { createScheduler } from '../../server/jobs/scheduler.ts';
import { recordedJob } from '../../server/jobs/recorded-run.ts';
import { judgeShared } from '../../server/operations/alerts/judge-shared.ts';
import { ALERT_LIMITS } from '../../server/operations/alerts/facts.ts';
import { readSharedFacts } from '../../server/operations/alerts/facts-store.ts';
import { backingUp } from '../../server/operations/backups/backup-run.ts';
import { createRemovalsJob } from '../../server/operations/backups/removals/removals-job.ts';
import type { BackupStore } from '../../server/operations/backups/store.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { supervise } from '../../server/platform/service.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers } from './mutations-support.ts';

const log = createLogger('silent');
const unanswered = () => new Promise<never>(() => {});
/** A place that is mounted from a machine that is gone: nothing returns, and nothing fails. */
const dead: BackupStore = {
  ...{ place: 'nowhere', list: unanswered, read: unanswered, remove: unanswered },
  write: (_, bytes) => {
    bytes.resume();
    return unanswered();
  },
};
const HOUR_MS = 3_600_000;

async function deadHouse() {
  const { url: databaseUrl, pool } = await useTestDatabase();
  const of = { databaseUrl, db: pool, pool, store: dead, key: undefined, method: 'copy' as const };
  const parts = { ...of, version: '1.2.3', prunes: true, clock: systemClock, logger: log, newId: uuidv7 };
  const leases = createLeases({ databaseUrl, logger: log });
  const scheduled = (bounds: { boundMs: number; graceMs: number }) => {
    const jobs = [recordedJob(parts, 'backup', '0 0 1 1 *', backingUp(parts, bounds))];
    return supervise(createScheduler({ jobs, leases, clock: systemClock, logger: log }), log);
  };
  const runs = async () =>
    (
      await pool.query<{ state: string; error_code: string | null }>(
        `SELECT state, error_code FROM job_runs WHERE job = 'backup'`,
      )
    ).rows;
  return { pool, parts, leases, scheduled, runs };
}

it('a backup whose place hangs fails, gives back its lease, and raises the alert', async () => {
  const { pool, leases, scheduled, runs } = await deadHouse();
  const jobs = scheduled({ boundMs: 15_000, graceMs: 1 });
  const failed = [{ state: 'failed', error_code: 'backup_place_hangs' }];
  await eventually(async () => expect(await runs()).toEqual(failed), { withinMs: 120_000 });
  await eventually(
    async () => {
      const lease = await leases.tryAcquire('backup');
      expect(lease).toBeDefined();
      await lease!.release();
    },
    { withinMs: 60_000 },
  );
  const facts = { ...(await readSharedFacts(pool, [], ['backup'])), stalled: [] };
  const findings = judgeShared(facts, { feeds: [], jobs: [] }, ALERT_LIMITS, Date.now());
  expect(findings).toContainEqual(
    expect.objectContaining({ name: 'backup_failed', subject: 'backup', verdict: 'bad' }),
  );
  await jobs.stop();
});

it('a server is stopped though the place of its backups hangs, and its run was cut off', async () => {
  const { scheduled, runs } = await deadHouse();
  const jobs = scheduled({ boundMs: HOUR_MS, graceMs: 1 });
  await eventually(async () => expect(await runs()).toHaveLength(1), { withinMs: 60_000 });
  await jobs.stop();
  expect(await runs()).toEqual([{ state: 'failed', error_code: 'run_interrupted' }]);
});

it('books of removals that find no answer fail, and are written when there is one', async () => {
  const { pool, parts } = await deadHouse();
  const [userId] = await addUsers(pool, 1);
  await pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [userId]);
  const { signal } = new AbortController();
  const job = createRemovalsJob(parts, { boundMs: 1, graceMs: 1 });
  await expect(job.run(signal)).rejects.toMatchObject({ code: 'backup_place_hangs' });
  const unwritten = 'SELECT FROM removals WHERE written_at IS NULL';
  expect((await pool.query(unwritten)).rowCount).toBe(1);
  const alive: BackupStore = {
    ...dead,
    list: () => Promise.resolve([]),
    write: async (_, bytes) => {
      for await (const _piece of bytes);
    },
  };
  await createRemovalsJob({ ...parts, store: alive }).run(signal);
  expect((await pool.query(unwritten)).rowCount).toBe(0);
});
