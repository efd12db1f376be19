import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { migrate, MIGRATION_BOUNDS } from '../../server/db/migrate.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const logger = createLogger('silent');
/** Short, so that a test sees the far side of each. */
const BOUNDS = {
  ...MIGRATION_BOUNDS,
  lockTimeoutMs: 100,
  attempts: 600,
  backoff: { firstMs: 20, maxMs: 100 },
  lookEveryMs: 20,
};
const FIRST = 'CREATE TABLE things (id int PRIMARY KEY, label text);';

/** A folder with migrations, by their names. */
function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-migrations-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(dir, `${name}.sql`), sql);
  return dir;
}
const applied = async (pool: Pool) =>
  (await pool.query<{ name: string }>('SELECT name FROM migrations ORDER BY id')).rows.map(
    ({ name }) => name,
  );

it('blocks no writer for longer than it waits itself, while a long reader holds the table', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({ '0001_first': FIRST });
  await migrate(url, logger, { dir, bounds: BOUNDS });
  writeFileSync(join(dir, '0002_second.sql'), 'ALTER TABLE things ADD COLUMN size int;');
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM things');
  const migrating = migrate(url, logger, { dir, bounds: BOUNDS });
  // A migration that did not let go would have it fail.
  const writer = await pool.connect();
  await writer.query('SET lock_timeout = 5000');
  let waited = 0;
  for (let n = 0; n < 200 || waited < 3; n += 1) {
    const { rows } = await pool.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND application_name = 'halo migrations') AS waits`,
    );
    if (rows[0]!.waits) waited += 1;
    await writer.query('INSERT INTO things (id) VALUES ($1)', [n]);
  }
  writer.release();
  expect(await applied(pool)).toEqual(['0001_first']);
  await reader.query('COMMIT');
  reader.release();
  expect(await migrating).toEqual(['0002_second']);
  expect(await applied(pool)).toEqual(['0001_first', '0002_second']);
});

it('says that it waits for another instance, and what it migrates', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({ '0001_first': FIRST });
  await migrate(url, logger, { dir });
  writeFileSync(join(dir, '0002_second.sql'), 'ALTER TABLE things ADD COLUMN size int;');
  const lines: { msg: string; migrations?: string[] }[] = [];
  const told = createLogger('info', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
  });
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM things');
  const first = migrate(url, logger, { dir, bounds: BOUNDS });
  await eventually(async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo migrations' AND wait_event_type = 'Lock'`,
    );
    return rowCount === 1;
  });
  const second = migrate(url, told, { dir, bounds: BOUNDS });
  const waits = 'waits for another instance that migrates the database';
  await eventually(() => expect(lines.map(({ msg }) => msg)).toEqual([waits]));
  await reader.query('COMMIT');
  reader.release();
  expect([await first, await second]).toEqual([['0002_second'], []]);
  expect(lines).toHaveLength(1);
  writeFileSync(join(dir, '0003_third.sql'), 'ALTER TABLE things ADD COLUMN depth int;');
  await migrate(url, told, { dir, bounds: BOUNDS });
  expect(lines.at(-1)).toMatchObject({ msg: 'migrating', migrations: ['0003_third'] });
});

it('gives up on a table that somebody holds for good, says so, and leaves all as it was', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({ '0001_first': FIRST });
  await migrate(url, logger, { dir });
  const second = 'CREATE TABLE others (id int); ALTER TABLE things ADD COLUMN size int;';
  writeFileSync(join(dir, '0002_second.sql'), second);
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM things');
  const bounds = { ...BOUNDS, attempts: 3 };
  await expect(migrate(url, logger, { dir, bounds })).rejects.toMatchObject({ code: 'migration_blocked' });
  await reader.query('COMMIT');
  reader.release();
  expect((await pool.query(`SELECT to_regclass('others') AS made`)).rows).toEqual([{ made: null }]);
  expect(await applied(pool)).toEqual(['0001_first']);
});

it('keeps what was done before a migration that fails, and nothing of that one', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({
    '0001_first': FIRST,
    '0002_second': 'ALTER TABLE things ADD COLUMN size int;',
    '0003_third': 'CREATE TABLE others (id int); SELECT 1 / 0;',
  });
  await expect(migrate(url, logger, { dir })).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('0003_third') as string,
  });
  expect(await applied(pool)).toEqual(['0001_first', '0002_second']);
  expect((await pool.query(`SELECT to_regclass('others') AS made`)).rows).toEqual([{ made: null }]);
  writeFileSync(join(dir, '0003_third.sql'), 'CREATE TABLE others (id int);');
  expect(await migrate(url, logger, { dir })).toEqual(['0003_third']);
});

it('makes an index CONCURRENTLY once, with instances that wait for their turn, and again after it was torn', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const index = '-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY things_label ON things (label);';
  const dir = folder({ '0001_first': FIRST });
  await migrate(url, logger, { dir });
  await pool.query(`INSERT INTO things VALUES (1, 'same'), (2, 'same')`);
  writeFileSync(join(dir, '0002_index.sql'), index);
  await expect(migrate(url, logger, { dir })).rejects.toMatchObject({ code: 'migration_failed' });
  const valid = async () => (await pool.query<{ v: boolean }>(VALID)).rows.map(({ v }) => v);
  expect(await valid(), 'it lies there, and is of no use').toEqual([false]);
  await pool.query('DELETE FROM things WHERE id = 2');
  // It waits for this transaction, which writes all the while; two instances more wait for it.
  const writer = await pool.connect();
  await writer.query('BEGIN');
  await writer.query(`INSERT INTO things VALUES (3, 'third')`);
  const all = Promise.all([1, 2, 3].map(() => migrate(url, logger, { dir, bounds: BOUNDS })));
  await eventually(async () => {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo migrations'`,
    );
    return rows[0]?.n === 3;
  });
  await writer.query(`INSERT INTO things VALUES (4, 'fourth')`);
  await writer.query('COMMIT');
  writer.release();
  expect((await all).flat()).toEqual(['0002_index']);
  expect(await valid()).toEqual([true]);
});

it('makes an index CONCURRENTLY also where that was done, and not noted; what is only spoken of stays', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({ '0001_first': `${FIRST} CREATE INDEX spoken_of ON things (id);` });
  await migrate(url, logger, { dir });
  const before = `SELECT 'spoken_of'::regclass::oid`;
  const { rows } = await pool.query(before);
  writeFileSync(
    join(dir, '0002_index.sql'),
    `-- transaction: none
-- CREATE INDEX CONCURRENTLY spoken_of stands for what this is beside.
/* So does INDEX CONCURRENTLY spoken_of. */
CREATE UNIQUE INDEX CONCURRENTLY things_label ON things (label);`,
  );
  await pool.query('CREATE INDEX things_label ON things (label)');
  expect(await migrate(url, logger, { dir })).toEqual(['0002_index']);
  expect((await pool.query(UNIQUE)).rows).toEqual([{ valid: true, unique: true }]);
  expect((await pool.query(before)).rows).toEqual(rows);

  writeFileSync(
    join(dir, '0003_drop.sql'),
    '-- transaction: none\nDROP INDEX CONCURRENTLY IF EXISTS things_label;',
  );
  expect(await migrate(url, logger, { dir })).toEqual(['0003_drop']);
  await pool.query(`DELETE FROM migrations WHERE name = '0003_drop'`);
  expect(await migrate(url, logger, { dir }), 'done, and not noted').toEqual(['0003_drop']);
});
const UNIQUE = `SELECT indisvalid AS valid, indisunique AS "unique" FROM pg_index WHERE indexrelid = 'things_label'::regclass`;
const VALID = `SELECT indisvalid AS v FROM pg_index WHERE indexrelid = 'things_label'::regclass`;

it('an older server goes on beside a newer schema, until what it reads was taken away', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const older = folder({ '0001_first': FIRST, '0002_second': 'ALTER TABLE things ADD COLUMN size int;' });
  const newer = { '0003_third': 'ALTER TABLE things ADD COLUMN weight int;' };
  await migrate(url, logger, { dir: older });
  await pool.query('INSERT INTO migrations (name, run_on) VALUES ($1, now())', [Object.keys(newer)[0]]);
  expect(await migrate(url, logger, { dir: older })).toEqual([]);
  // It asks for servers that know 0002, as this one does.
  await pool.query(`INSERT INTO migrations (name, run_on) VALUES ('0004_contract_0002_size', now())`);
  expect(await migrate(url, logger, { dir: older })).toEqual([]);
  await pool.query(`INSERT INTO migrations (name, run_on) VALUES ('0005_contract_0003_label', now())`);
  await expect(migrate(url, logger, { dir: older })).rejects.toMatchObject({ code: 'schema_too_new' });
});

it('refuses a database that has seen a later migration than one that it lacks', async () => {
  const { url } = await useTestDatabase({ migrate: false });
  await migrate(url, logger, { dir: folder({ '0001_first': FIRST, '0003_third': 'SELECT 1;' }) });
  const dir = folder({ '0001_first': FIRST, '0002_second': 'SELECT 1;', '0003_third': 'SELECT 1;' });
  await expect(migrate(url, logger, { dir })).rejects.toMatchObject({ code: 'migrations_out_of_order' });
});

it('ends at a word while another instance migrates, and while others hold its locks, and leaves nothing behind', async () => {
  const { url, pool } = await useTestDatabase({ migrate: false });
  const dir = folder({ '0001_first': FIRST });
  const other = await pool.connect();
  onTestFinished(() => other.release());
  /** Begins to migrate, and tells it to end once it is there. */
  const toldToEnd = async (isThere: () => Promise<unknown>) => {
    const controller = new AbortController();
    const migrating = migrate(url, logger, { dir, bounds: BOUNDS, signal: controller.signal });
    migrating.catch(() => {});
    await eventually(isThere);
    const reason = new Error('SIGTERM');
    controller.abort(reason);
    await expect(migrating).rejects.toBe(reason);
    await eventually(async () => expect(await sessions(pool)).toBe(0));
  };
  const isConnected = async () => expect(await sessions(pool)).toBe(1);
  await other.query('SELECT pg_advisory_lock(7241865325823964)');
  await toldToEnd(isConnected);
  await other.query('SELECT pg_advisory_unlock_all()');

  await migrate(url, logger, { dir, bounds: BOUNDS });
  writeFileSync(join(dir, '0002_second.sql'), 'ALTER TABLE things ADD COLUMN size int;');
  await other.query('BEGIN');
  await other.query('LOCK TABLE things');
  await toldToEnd(isConnected);
  await other.query('ROLLBACK');
  expect(await applied(pool)).toEqual(['0001_first']);
});

/** Connections that migrate. */
async function sessions(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'halo migrations'`,
  );
  return rows[0]!.n;
}
