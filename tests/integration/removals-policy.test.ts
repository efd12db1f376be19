import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import type { Removal } from '../../server/auth/removal.ts';
import { backingUp, verifying } from '../../server/operations/backups/backup-run.ts';
import type { BackupParts } from '../../server/operations/backups/backup-run.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { listBooks, writeBook } from '../../server/operations/backups/removals/book-shelf.ts';
import { MARGIN_MS, readRemovals } from '../../server/operations/backups/removals/read-removals.ts';
import { createRemovalsJob } from '../../server/operations/backups/removals/removals-job.ts';
import { tidyBooks } from '../../server/operations/backups/removals/tidy-books.ts';
import { newKey } from '../../server/operations/backups/seal.ts';
import { listBackups } from '../../server/operations/backups/shelf.ts';
import { houseOf } from '../../server/operations/backups/snapshot.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { command } from '../support/backup-commands.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const logger = createLogger('silent');
const never = new AbortController().signal;
const DAY_MS = 24 * 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms);

function useDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-removals-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const removal = (at: Date): Removal => ({ id: uuidv7(), userId: uuidv7(), at, kind: 'forgotten' });

function partsOf({ url, pool }: TestDatabase, dir: string, key?: string): BackupParts {
  const of = { databaseUrl: url, db: pool, store: directoryStore(dir), key, version: '1.2.3' };
  return { ...of, method: 'copy', prunes: false, clock: systemClock, logger };
}

it('the trial fails by a book that any of the backups would be refused for, whichever of them is the oldest', async () => {
  const database = await useTestDatabase();
  const dir = useDirectory();
  const house = (await houseOf(database.pool))!;
  const [plain, sealed] = [partsOf(database, dir), partsOf(database, dir, await newKey())];
  const nothing = () => {};
  await backingUp(plain)(uuidv7(), nothing, never);
  await writeBook(plain.store, house, [removal(ago(MARGIN_MS / 2))], undefined, never);
  await backingUp(sealed)(uuidv7(), nothing, never);
  const trial = () => verifying(sealed)(uuidv7(), nothing, never);
  const tried = await trial();
  expect(tried, 'a book from before the key').not.toHaveProperty('code');
  expect(tried).toMatchObject({ result: { removals: 1 } });
  await writeBook(plain.store, house, [removal(ago(-60_000))], undefined, never);
  expect(await trial()).toMatchObject({ code: 'removals_unreadable', result: { queries: 6 } });
});

it('a backup is good also where the books beside it could not be tidied, and its record says so', async () => {
  const database = await useTestDatabase();
  const parts = { ...partsOf(database, useDirectory()), prunes: true };
  const house = (await houseOf(database.pool))!;
  await writeBook(parts.store, house, [removal(ago(2 * DAY_MS))], undefined, never);
  const run = (store: BackupParts['store']) => backingUp({ ...parts, store })(uuidv7(), () => {}, never);
  const remove = () => Promise.reject(new Error('nobody may remove anything here'));
  expect(await run({ ...parts.store, remove })).toMatchObject({
    result: { removed: 0, booksUntidied: 'nobody may remove anything here' },
  });
  const [book] = await listBooks(parts.store, house);
  expect(book).toBeDefined();
  const later = await run(parts.store);
  expect(later.result).not.toHaveProperty('booksUntidied');
  expect(await listBooks(parts.store, house)).toEqual([]);
});

it('what is older than the oldest backup of the house goes from its books and its table, and nothing else', async () => {
  const { url, pool } = await useTestDatabase();
  const dir = useDirectory();
  const store = directoryStore(dir);
  const house = (await houseOf(pool))!;
  const [other, ancient, needed] = [uuidv7(), removal(ago(2 * DAY_MS)), removal(ago(MARGIN_MS / 2))];
  for (const one of [ancient, needed]) {
    await writeBook(store, house, [one], undefined, never);
    await pool.query(
      `INSERT INTO removals (id, user_id, kind, at, written_at) VALUES ($1, $2, 'forgotten', $3, now())`,
      [one.id, one.userId, one.at],
    );
  }
  const unwritten = removal(ago(2 * DAY_MS));
  await pool.query(`INSERT INTO removals (id, user_id, kind, at) VALUES ($1, $2, 'forgotten', $3)`, [
    unwritten.id,
    unwritten.userId,
    unwritten.at,
  ]);
  await writeBook(store, other, [ancient], undefined, never);
  const { backup } = command({ DATABASE_URL: url, HALO_BACKUP_DIR: dir });
  await backup();
  const all = await readRemovals(store, { house, takenAt: new Date(0), encrypted: false }, undefined);
  expect(all.removals).toEqual([needed]);
  expect(await listBooks(store, other)).toHaveLength(1);
  const { rows } = await pool.query('SELECT id FROM removals ORDER BY at');
  expect(rows).toEqual([{ id: unwritten.id }, { id: needed.id }]);
  expect(await listBackups(store)).toHaveLength(1);
  expect(await backup('--list')).not.toContain('removals');
});

it('many small books become one that tells the same', async () => {
  const { pool } = await useTestDatabase();
  const store = directoryStore(useDirectory());
  const key = await newKey();
  const house = (await houseOf(pool))!;
  const month = Date.UTC(2026, 9, 3);
  const written = Array.from({ length: 60 }, (_, n) => removal(new Date(month + n * 60_000)));
  for (const one of written) await writeBook(store, house, [one], key, never);
  const foreign = removal(new Date(month));
  await writeBook(store, house, [foreign], undefined, never);
  const asked = { house, takenAt: new Date(month), encrypted: false };
  const told = async () => (await readRemovals(store, asked, key)).removals.map(({ id }) => id).toSorted();
  const before = await told();
  expect(before).toHaveLength(61);
  await tidyBooks({ db: pool, store, key, logger }, house, new Date(month), new Date(), never);
  expect(await told()).toEqual(before);
  // What was laid there in the clear is not sealed by us.
  expect((await listBooks(store, house)).map(({ encrypted }) => encrypted).toSorted()).toEqual([false, true]);
});

it('without any backup nothing is kept for ever, neither where they are off', async () => {
  const { pool } = await useTestDatabase();
  const dir = useDirectory();
  const store = directoryStore(dir);
  const house = (await houseOf(pool))!;
  for (const days of [401, 399]) {
    await writeBook(store, house, [removal(ago(days * DAY_MS))], undefined, never);
    await pool.query(`INSERT INTO removals (user_id, kind, at) VALUES ($1, 'forgotten', $2)`, [
      uuidv7(),
      ago(days * DAY_MS),
    ]);
  }
  await tidyBooks({ db: pool, store, key: undefined, logger }, house, undefined, new Date(), never);
  expect(readdirSync(dir)).toHaveLength(1);
  const off = createRemovalsJob({ db: pool, store: undefined, key: undefined, clock: systemClock, logger });
  await off.run(never);
  const { rows } = await pool.query('SELECT written_at FROM removals');
  expect(rows).toEqual([{ written_at: null }]);
});

it('the job writes what is new in bounded books, once, and none where nothing is', async () => {
  const { pool } = await useTestDatabase();
  const store = directoryStore(useDirectory());
  const house = (await houseOf(pool))!;
  await pool.query(
    `INSERT INTO removals (user_id, kind) SELECT gen_random_uuid(), 'disabled' FROM generate_series(1, 2500)`,
  );
  const job = createRemovalsJob({ db: pool, store, key: undefined, clock: systemClock, logger });
  const sizes = async () => (await listBooks(store, house)).length;
  const broken = { ...store, write: () => Promise.reject(new Error('the disk is full')) };
  const failing = createRemovalsJob({ db: pool, store: broken, key: undefined, clock: systemClock, logger });
  await expect(failing.run(never)).rejects.toThrow('the disk is full');
  await job.run(never);
  expect(await sizes()).toBe(3);
  await job.run(never);
  expect(await sizes()).toBe(3);
  const asked = { house, takenAt: ago(0), encrypted: false };
  const { removals } = await readRemovals(store, asked, undefined);
  expect(new Set(removals.map(({ userId }) => userId)).size).toBe(2_500);
});
