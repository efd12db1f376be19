import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { expect, it, onTestFinished } from 'vitest';
import { beginRecorded } from '../../server/jobs/recorded-run.ts';
import type { RunEnd } from '../../server/jobs/run-store.ts';
import { backingUp } from '../../server/operations/backups/backup-run.ts';
import type { BackupParts } from '../../server/operations/backups/backup-run.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { createRemovalsJob } from '../../server/operations/backups/removals/removals-job.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers } from './mutations-support.ts';

const log = createLogger('silent');
const never = new AbortController().signal;

/** A database, and instances on it that each have a directory of their own. */
async function useHouse() {
  const { url: databaseUrl, pool } = await useTestDatabase();
  const instance = () => {
    const dir = mkdtempSync(join(tmpdir(), 'halo-place-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const of = { databaseUrl, db: pool, pool, store: directoryStore(dir), key: undefined, prunes: true };
    const parts = { ...of, method: 'copy' as const, version: '1.2.3', clock: systemClock, logger: log };
    const backup = async (changes: Partial<BackupParts> = {}): Promise<RunEnd> => {
      const begun = { job: 'backup', trigger: 'schedule', requestedBy: null } as const;
      const run = await beginRecorded({ ...parts, newId: uuidv7 }, begun);
      return run.finish(backingUp({ ...parts, ...changes }), never);
    };
    const books = () => readdirSync(dir).filter((name) => name.startsWith('halo-removals-')).length;
    return { backup, books, writeBooks: () => createRemovalsJob(parts).run(never) };
  };
  /** Both tell of themselves, as they do every few seconds. */
  const both = () =>
    pool.query(
      `INSERT INTO instance_status (instance, reported_at, report) VALUES ('aaaaaaaaaaaa', now(), '{}'), ('bbbbbbbbbbbb', now(), '{}')
       ON CONFLICT (instance) DO UPDATE SET reported_at = now()`,
    );
  const remove = async () => {
    const [userId] = await addUsers(pool, 1);
    await pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [userId]);
  };
  return { instance, both, remove };
}

it('backups that scatter over the directories of several instances fail, and books go beside the last one', async () => {
  const { instance, both, remove } = await useHouse();
  const [first, second] = [instance(), instance()];
  await both();
  expect(await first.backup()).not.toHaveProperty('code');
  await remove();
  await both();
  await expect(second.writeBooks()).rejects.toMatchObject({ code: 'backup_place_differs' });
  await first.writeBooks();
  expect([first.books(), second.books()]).toEqual([1, 0]);
  await both();
  expect(await first.backup()).not.toHaveProperty('code');
  await both();
  const elsewhere = await second.backup();
  expect(elsewhere).toMatchObject({ code: 'backup_place_differs', result: { method: 'copy' } });
  // It is the last one now: what goes on there is in order, and what goes back is not.
  await both();
  expect(await second.backup()).not.toHaveProperty('code');
  expect(await first.backup()).toMatchObject({ code: 'backup_place_differs' });
});

it('a single instance may be given an empty place, whoever gives the command any, and one put elsewhere counts for nothing', async () => {
  const { instance, remove } = await useHouse();
  const [former, moved, copies] = [instance(), instance(), instance()];
  await former.backup();
  expect(await copies.backup({ prunes: false })).toMatchObject({ result: { elsewhere: true } });
  expect(await former.backup()).not.toHaveProperty('code');
  await remove();
  await moved.writeBooks();
  expect(moved.books()).toBe(1);
  expect(await moved.backup()).not.toHaveProperty('code');
  expect(await former.backup({ byHand: true })).not.toHaveProperty('code');
  expect(await moved.backup()).toMatchObject({ code: 'backup_place_differs' });
});
