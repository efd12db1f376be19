import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { expect, it, onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { knownMigrations, migratedTables } from '../../server/db/migration-files.ts';
import { migrate } from '../../server/db/migrate.ts';
import type { Pool } from '../../server/db/pool.ts';
import { writeArchive } from '../../server/operations/backups/archive.ts';
import { backingUp, trialDatabase, verifying } from '../../server/operations/backups/backup-run.ts';
import type { BackupParts } from '../../server/operations/backups/backup-run.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { migrateTo } from '../../server/operations/backups/migrate-to.ts';
import { readable } from '../../server/operations/backups/readable-backup.ts';
import type { ReadableBackup } from '../../server/operations/backups/readable-backup.ts';
import { checkBackup, restoreBackup } from '../../server/operations/backups/restore-backup.ts';
import { newKey } from '../../server/operations/backups/seal.ts';
import { inSession } from '../../server/operations/backups/session.ts';
import { listBackups } from '../../server/operations/backups/shelf.ts';
import { beginSnapshot, copyContents, describe } from '../../server/operations/backups/snapshot.ts';
import { takeBackup } from '../../server/operations/backups/take-backup.ts';
import type { BackupPlan } from '../../server/operations/backups/take-backup.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { addUsers } from './mutations-support.ts';
import { fillDatabase } from './rest-full-database.ts';

const log = createLogger('silent');
const never = new AbortController().signal;

/** What a restore itself changes. */
const SETTLED = new Set(['replication_epoch', 'restores', 'instances', 'job_runs', 'erasures']);

function useDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function fullDatabase(): Promise<TestDatabase> {
  const database = await useTestDatabase();
  const [reporter, other] = await addUsers(database.pool, 2);
  await fillDatabase(database.pool, { reporter: reporter!, other: other! });
  // What COPY has to write in another way than as itself, and what looks like its end.
  await database.pool.query(
    `INSERT INTO comments (id, incident_id, region, author_id, by_officer, body)
     SELECT gen_random_uuid(), incident_id, region, author_id, false, said.body FROM comments,
       LATERAL (VALUES (E'tab\\t, line\\n, \\\\N and \\\\.'), (E'\\\\.\\n'), ('å 🚲 "x"')) AS said (body)
     WHERE comments.id = (SELECT min(id::text)::uuid FROM comments)`,
  );
  return database;
}

function planOf({ url }: TestDatabase, dir: string, changes: Partial<BackupPlan> = {}): BackupPlan {
  const of = { databaseUrl: url, store: directoryStore(dir), key: undefined, version: '1.2.3', runId: null };
  return { ...of, method: 'copy', ...changes };
}

/** What a version that knows these migrations would have written, whatever schema it found. */
function takenAnyway(url: string, known: readonly string[]): ReadableBackup {
  async function* bytes() {
    const client = new pg.Client(url);
    await client.connect();
    try {
      await beginSnapshot(client);
      const origin = { id: randomUUID(), version: '1.0.0', runId: null };
      const header = await describe(client, 'copy', await migratedTables(known), origin);
      yield* writeArchive(copyContents(client, header));
    } finally {
      await client.end();
    }
  }
  return { name: 'taken anyway', open: () => Promise.resolve(bytes()) };
}

async function newest(dir: string, key?: string) {
  const store = directoryStore(dir);
  const [backup] = await listBackups(store);
  return readable(store, backup!, key);
}

/** Every row of a table, in COPY's own text. */
async function rowsOf(pool: Pool, table: string): Promise<string[]> {
  const client = await pool.connect();
  try {
    let text = '';
    for await (const chunk of client.query(copyTo(`COPY ${table} TO STDOUT`))) text += String(chunk);
    return text.split('\n').toSorted();
  } finally {
    client.release();
  }
}

it('the tables that migrations name are those that a database has', async () => {
  const { pool } = await useTestDatabase();
  const { rows } = await pool.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_class
      WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relpersistence = 'p'`,
  );
  expect(await migratedTables()).toEqual(rows.map(({ name }) => name).toSorted());
});

it('works in a session that Postgres probes, so that no snapshot outlives its machine', async () => {
  const { url } = await useTestDatabase({ migrate: false });
  const probes = await inSession(url, never, async (client) => {
    const { rows } = await client.query<{ setting: string }>(
      `SELECT setting FROM pg_settings WHERE name LIKE 'tcp_keepalives_%' ORDER BY name`,
    );
    return rows.map(({ setting }) => setting);
  });
  // Probes, and seconds: of silence before the first, and between them.
  expect(probes).toEqual(['3', '30', '10']);
});

it('brings back every row of every table, encrypted on the way, and goes on counting where it was', async () => {
  const database = await fullDatabase();
  const dir = useDirectory();
  const key = await newKey();
  const run = { id: uuidv7(), job: 'backup' };
  await database.pool.query(
    `INSERT INTO job_runs (id, job, trigger, started_at) VALUES ($1, $2, 'schedule', now())`,
    [run.id, run.job],
  );
  const { card } = await takeBackup(planOf(database, dir, { key, runId: run.id }), never);
  expect(readdirSync(dir)).toHaveLength(2);
  expect(card).toMatchObject({
    encrypted: true,
    method: 'copy',
    version: '1.2.3',
    schema: (await knownMigrations()).at(-1),
  });

  const target = await useTestDatabase({ migrate: false });
  const backup = await newest(dir, key);
  await restoreBackup(target.url, backup, await checkBackup(backup), log, never);
  for (const table of await migratedTables()) {
    if (SETTLED.has(table)) continue;
    const [before, after] = [await rowsOf(database.pool, table), await rowsOf(target.pool, table)];
    expect(after, table).toEqual(before);
  }
  const epochs = await Promise.all(
    [database, target].map(async ({ pool }) => rowsOf(pool, 'replication_epoch')),
  );
  expect(epochs[0]).not.toEqual(epochs[1]);
  const { rows: restores } = await target.pool.query('SELECT backup, taken_at FROM restores');
  expect(restores).toEqual([{ backup: backup.name, taken_at: card.takenAt }]);
  const { rows: runs } = await target.pool.query('SELECT state, result FROM job_runs WHERE id = $1', [
    run.id,
  ]);
  expect(runs).toEqual([{ state: 'succeeded', result: { backup: backup.name } }]);
  // Rules hold again: references, the audit log, and numbers that are given out.
  await expect(target.pool.query(`UPDATE devices SET user_id = gen_random_uuid()`)).rejects.toMatchObject({
    code: '23503',
  });
  const { rows: rules } = await target.pool.query(
    `SELECT (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND NOT convalidated) AS unproved,
            (SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O') AS off`,
  );
  expect(rules).toEqual([{ unproved: 0, off: 0 }]);
  await target.pool.query(
    `INSERT INTO champion_changes (place_kind, category, model_id, cause, changed_at)
     SELECT place_kind, category, model_id, cause, now() FROM champion_changes LIMIT 1`,
  );
  const published = `SELECT count(*)::int AS n FROM pg_publication_tables WHERE pubname = 'halo'`;
  expect((await target.pool.query(published)).rows).toEqual((await database.pool.query(published)).rows);
});

it('a database of an older schema is brought to the newest, and one of a newer one refused', async () => {
  const known = await knownMigrations();
  const old = await useTestDatabase({ migrate: false });
  await migrateTo(old.url, known.slice(0, known.indexOf('0036_restores')), log);
  const [userId] = await addUsers(old.pool, 1);
  const dir = useDirectory();
  const { card } = await takeBackup(planOf(old, dir), never);
  expect(card).toMatchObject({ house: null, schema: known[known.indexOf('0036_restores') - 1] });

  const target = await useTestDatabase({ migrate: false });
  const backup = await newest(dir);
  await restoreBackup(target.url, backup, await checkBackup(backup), log, never);
  const { rows } = await target.pool.query('SELECT name FROM migrations ORDER BY name');
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(known);
  expect((await target.pool.query('SELECT id FROM users')).rows).toEqual([{ id: userId }]);

  await target.pool.query(`INSERT INTO migrations (name, run_on) VALUES ('9999_of_the_future', now())`);
  const files = readdirSync(dir);
  await expect(takeBackup(planOf(target, dir), never)).rejects.toMatchObject({
    code: 'backup_schema_newer',
    message: expect.stringContaining('9999_of_the_future') as string,
  });
  expect(readdirSync(dir)).toEqual(files);
  await expect(checkBackup(takenAnyway(target.url, known))).rejects.toMatchObject({ code: 'backup_too_new' });
});

it('a backup of a version that did not know some of the tables passes for whole nowhere', async () => {
  const database = await useTestDatabase();
  const known = await knownMigrations();
  const before = known.slice(0, known.indexOf('0036_restores'));
  await expect(checkBackup(takenAnyway(database.url, before))).rejects.toMatchObject({
    code: 'backup_incomplete',
    message: expect.stringContaining('restores') as string,
  });
  const { header } = await checkBackup(takenAnyway(database.url, known));
  expect(header.leftOut).toEqual([]);
});

it('touches nothing where the backup is damaged, or the database has anything in it', async () => {
  const database = await fullDatabase();
  const dir = useDirectory();
  await takeBackup(planOf(database, dir), never);
  const backup = await newest(dir);
  const checked = await checkBackup(backup);
  const target = await useTestDatabase({ migrate: false });
  await target.pool.query('CREATE TABLE something (id int)');
  await expect(restoreBackup(target.url, backup, checked, log, never)).rejects.toMatchObject({
    code: 'database_not_empty',
    message: 'The database is not empty: it has public.something.',
  });
  const file = join(
    dir,
    readdirSync(dir).find((name) => name.endsWith('.tar.gz'))!,
  );
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  await expect(checkBackup(backup)).rejects.toMatchObject({ code: 'backup_damaged' });
  writeFileSync(file, bytes.subarray(1));
  expect(await listBackups(directoryStore(dir))).toEqual([]);
});

it('what a restore has left half done is taken for no database of Halo’s', async () => {
  const database = await fullDatabase();
  const dir = useDirectory();
  await takeBackup(planOf(database, dir), never);
  const backup = await newest(dir);
  const checked = await checkBackup(backup);
  // Its rows have come; the reading of what follows them fails.
  const torn: ReadableBackup = {
    name: backup.name,
    async open() {
      const bytes = await backup.open();
      return (async function* () {
        for await (const chunk of bytes) {
          const end = chunk.indexOf('manifest.json');
          yield end < 0 ? chunk : chunk.subarray(0, end);
          if (end >= 0) throw new Error('the disk is gone');
        }
      })();
    },
  };
  const target = await useTestDatabase({ migrate: false });
  await expect(restoreBackup(target.url, torn, checked, log, never)).rejects.toThrow('the disk is gone');
  expect(await rowsOf(target.pool, 'users')).toEqual(await rowsOf(database.pool, 'users'));
  const refused = { code: 'restore_unfinished' };
  await expect(migrate(target.url, log)).rejects.toMatchObject(refused);
  await expect(takeBackup(planOf(target, useDirectory()), never)).rejects.toMatchObject(refused);
  await expect(restoreBackup(target.url, backup, checked, log, never)).rejects.toMatchObject({
    code: 'database_not_empty',
    hint: expect.stringContaining('A restore has not ended here') as string,
  });
});

it('names tables of others that it leaves out', async () => {
  const database = await useTestDatabase();
  await database.pool.query(
    'CREATE SCHEMA other; CREATE TABLE other.things (id int); CREATE TABLE lists (id int)',
  );
  const taken = await takeBackup(planOf(database, useDirectory()), never);
  expect(taken.leftOut).toEqual(['other.things', 'public.lists']);
});

it('begins nothing at the place where the key is none', async () => {
  const database = await useTestDatabase();
  const dir = useDirectory();
  let begun = 0;
  const store = directoryStore(dir);
  const counting: BackupPlan['store'] = {
    ...store,
    write(name, bytes, signal) {
      begun += 1;
      return store.write(name, bytes, signal);
    },
  };
  const key = (await newKey()).replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q'));
  await expect(takeBackup(planOf(database, dir, { store: counting, key }), never)).rejects.toThrow();
  // A writer would be left that waits for ever, with its half file.
  expect([begun, readdirSync(dir)]).toEqual([0, []]);
});

it('sees one moment: what is written while it reads is not in it', async () => {
  const database = await useTestDatabase();
  const dir = useDirectory();
  let written = 0;
  const store = directoryStore(dir);
  const slow: BackupPlan['store'] = {
    ...store,
    async write(name, bytes, signal) {
      // The snapshot stands; nothing has been read of the tables yet.
      for (; written < 3; written += 1) await addUsers(database.pool, 1);
      await store.write(name, bytes, signal);
    },
  };
  await takeBackup(planOf(database, dir, { store: slow }), never);
  const { manifest } = await checkBackup(await newest(dir));
  const { rows } = await database.pool.query('SELECT count(*)::int AS users FROM users');
  expect([rows, manifest.rows['users']]).toEqual([[{ users: 3 }], 0]);
});

it('the run of a trial restores the newest of its house, asks it what is wrong, and leaves nothing behind', async () => {
  const database = await fullDatabase();
  const dir = useDirectory();
  const parts: BackupParts = {
    ...planOf(database, dir),
    db: database.pool,
    prunes: true,
    clock: systemClock,
    logger: log,
  };
  const nothing = () => {};
  await expect(verifying(parts)(uuidv7(), nothing, never)).rejects.toMatchObject({ code: 'backup_missing' });
  const taken = await backingUp(parts)(uuidv7(), nothing, never);
  expect(taken).toMatchObject({ result: { removed: 0, method: 'copy', encrypted: false } });
  const tried = await verifying(parts)(uuidv7(), nothing, never);
  expect(tried).toMatchObject({
    result: { backup: (taken.result as { backup: string }).backup, queries: 6 },
  });
  const house = (await database.pool.query<{ id: string }>('SELECT id FROM house')).rows[0]!.id;
  const own = trialDatabase(database.url, house);
  const left = () => database.pool.query('SELECT FROM pg_database WHERE datname = $1', [own]);
  expect((await left()).rowCount).toBe(0);

  // A report that the ledger knows and that is gone: the backup is what the database was, and so wrong.
  await database.pool.query('DELETE FROM incident_matches; ALTER TABLE reports DISABLE TRIGGER ALL');
  await database.pool.query(
    `INSERT INTO ledger (id, device_id, user_id, seq, type, args, request_hash, status, txid, claimed_at)
     SELECT gen_random_uuid(), id, user_id, 7, 'report.create', '{}', sha256('x'), 'applied', 1, now() FROM devices LIMIT 1`,
  );
  await backingUp(parts)(uuidv7(), nothing, never);
  await expect(verifying(parts)(uuidv7(), nothing, never)).rejects.toMatchObject({
    code: 'backup_contents_wrong',
    message: expect.stringContaining('1 reports that were settled and are not there') as string,
  });
  expect((await left()).rowCount).toBe(0);
});
