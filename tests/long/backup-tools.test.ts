import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../server/db/embedded/free-port.ts';
import { systemUserForPostgres } from '../../server/db/embedded/system-user.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createPool } from '../../server/db/pool.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { readable } from '../../server/operations/backups/readable-backup.ts';
import { checkBackup, restoreBackup } from '../../server/operations/backups/restore-backup.ts';
import { withDatabase } from '../../server/operations/backups/session.ts';
import { findBackup, listBackups } from '../../server/operations/backups/shelf.ts';
import { takeBackup } from '../../server/operations/backups/take-backup.ts';
import { findTools } from '../../server/operations/backups/tools.ts';
import { verifyBackup } from '../../server/operations/backups/verify-backup.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers } from '../integration/mutations-support.ts';

const run = promisify(execFile);
const log = createLogger('silent');
const never = new AbortController().signal;
const PACKAGES = '/usr/lib/postgresql';

const tools = await findTools();
/** The system's own Postgres of the tools' version, which is another one than the embedded. */
const bin = join(PACKAGES, String(tools.dump), 'bin');
const isThere = existsSync(join(bin, 'initdb')) && tools.restore !== undefined;

/** Starts it for the running test. */
async function systemPostgres(): Promise<string> {
  const user = await systemUserForPostgres();
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const dir = mkdtempSync(join(tmpdir(), 'halo-system-postgres-'));
  chmodSync(dir, 0o777);
  const data = join(dir, 'data');
  const common = { ...identity, cwd: '/' };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'halo', '-A', 'trust', '-E', 'UTF8'], common);
  const port = await freePort(0);
  const settings = [
    'wal_level=logical',
    'fsync=off',
    `unix_socket_directories=${dir}`,
    'listen_addresses=127.0.0.1',
  ];
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
    { ...common, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  onTestFinished(async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const url = `postgres://halo@127.0.0.1:${port}/postgres`;
  await eventually(() => asAdmin(url, 'SELECT 1'), { withinMs: 30_000 });
  return url;
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

it.runIf(isThere)(
  'backups by Postgres’s own tools hold tables of others, too; those by COPY go between versions, both ways',
  async () => {
    const admin = await systemPostgres();
    const names = ['first', 'second', 'third'];
    for (const name of names) await asAdmin(admin, `CREATE DATABASE ${name}`);
    const [first, second, third] = names.map((name) => withDatabase(admin, name)) as [string, string, string];
    await migrate(first, log);
    const pool = createPool(first, 2, log);
    onTestFinished(() => pool.end());
    const users = await addUsers(pool, 3);
    await pool.query(`CREATE TABLE of_others AS SELECT 'kept' AS what`);

    const dir = mkdtempSync(join(tmpdir(), 'halo-backup-tools-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    mkdirSync(dir, { recursive: true });
    const store = directoryStore(dir);
    const common = { store, key: undefined, version: '1', runId: null };
    const take = async (databaseUrl: string, method: 'auto' | 'copy') => {
      const taken = await takeBackup({ ...common, databaseUrl, method }, never);
      return {
        ...taken,
        one: readable(store, findBackup(await listBackups(store), taken.cardName), undefined),
      };
    };

    const dumped = await take(first, 'auto');
    expect(dumped).toMatchObject({ card: { method: 'pg_dump' }, leftOut: [] });
    await restoreBackup(second, dumped.one, await checkBackup(dumped.one), log, never);
    const of = createPool(second, 2, log);
    onTestFinished(() => of.end());
    const { rows: found } = await of.query(
      'SELECT what, (SELECT count(*)::int FROM users) AS users FROM of_others',
    );
    expect(found).toEqual([{ what: 'kept', users: users.length }]);
    const { rows: epochs } = await of.query<{ epoch: string }>('SELECT epoch FROM replication_epoch');
    const { rows: former } = await pool.query<{ epoch: string }>('SELECT epoch FROM replication_epoch');
    expect(epochs).not.toEqual(former);
    expect(await verifyBackup(first, 'halo_verify_test', dumped.one, log, never)).toMatchObject({
      queries: 6,
    });

    // The embedded one is of another version.
    const embedded = await useTestDatabase();
    await addUsers(embedded.pool, 2);
    const copied = await take(embedded.url, 'copy');
    await restoreBackup(third, copied.one, await checkBackup(copied.one), log, never);
    const back = await take(third, 'copy');
    expect(back.card.rows).toBeGreaterThanOrEqual(copied.card.rows);
    const again = await useTestDatabase({ migrate: false });
    await restoreBackup(again.url, back.one, await checkBackup(back.one), log, never);
    const { rows } = await again.pool.query('SELECT count(*)::int AS n FROM users');
    expect(rows).toEqual([{ n: 2 }]);
    expect(readdirSync(dir)).toHaveLength(6);
  },
  180_000,
);
