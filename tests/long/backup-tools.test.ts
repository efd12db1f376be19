import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../../server/db/embedded/free-port.ts';
import { systemUserForPostgres } from '../../server/db/embedded/system-user.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createPool } from '../../server/db/pool.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { readable } from '../../server/operations/backups/readable-backup.ts';
import { checkBackup, isEmpty, restoreBackup } from '../../server/operations/backups/restore-backup.ts';
import { inSession, withDatabase } from '../../server/operations/backups/session.ts';
import { findBackup, listBackups } from '../../server/operations/backups/shelf.ts';
import { takeBackup } from '../../server/operations/backups/take-backup.ts';
import type { BackupPlan } from '../../server/operations/backups/take-backup.ts';
import { findTools } from '../../server/operations/backups/tools.ts';
import { verifyBackup } from '../../server/operations/backups/verify-backup.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers } from '../integration/mutations-support.ts';

const run = promisify(execFile);
const log = createLogger('silent');
const never = new AbortController().signal;
const REAL_PATH = process.env['PATH'];
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
  await eventually(() => asAdmin(url, 'SELECT 1'));
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

/** Databases of the system's Postgres. */
async function databases(...names: string[]): Promise<string[]> {
  const admin = await systemPostgres();
  for (const name of names) await asAdmin(admin, `CREATE DATABASE ${name}`);
  return names.map((name) => withDatabase(admin, name));
}

/** A directory of backups, and how one is taken into it. */
function useBackups() {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backup-tools-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(dir, { recursive: true });
  const store = directoryStore(dir);
  const common = { store, key: undefined, version: '1', runId: null };
  const take = async (databaseUrl: string, method: BackupPlan['method']) => {
    const taken = await takeBackup({ ...common, databaseUrl, method }, never);
    const one = readable(store, findBackup(await listBackups(store), taken.cardName), undefined);
    return { ...taken, one };
  };
  return { dir, take };
}

/** Puts tools into the path that do what these scripts say; `alone`: nothing else is there. */
function putInPath(scripts: Readonly<Record<string, string>>, { alone = false } = {}): void {
  const dir = mkdtempSync(join(tmpdir(), 'halo-fake-tools-'));
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', alone ? dir : `${dir}:${REAL_PATH}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true, force: true });
  });
}

/** Those of 17 speak as the system's do, and send one setting more. */
const OF_17 = {
  pg_dump: `echo 'pg_dump (PostgreSQL) 17.2'`,
  pg_restore: `case "$*" in
    --version) echo 'pg_restore (PostgreSQL) 17.2' ;;
    *--file=-*) '${join(bin, 'pg_restore')}' "$@" | sed 's/^SET lock_timeout = 0;$/&\\nSET transaction_timeout = 0;/' ;;
    *) exit 1 ;;
  esac`,
};

it.runIf(isThere)(
  'what tools of 17 took of an older Postgres can be put back; no new backup is of that kind',
  async () => {
    const [first, second, third] = (await databases('first', 'second', 'third')) as [string, string, string];
    await migrate(first, log);
    const pool = createPool(first, 2, log);
    onTestFinished(() => pool.end());
    // It looks like what is taken out of the script, and is a person's.
    await addUsers(pool, 2);
    await pool.query(`CREATE TABLE of_others AS SELECT E'SET transaction_timeout = 0;' AS what`);
    const { take } = useBackups();
    // Node's driver knows this parameter, libpq does not.
    const dumped = await take(`${first}?query_timeout=600000`, 'auto');
    expect(dumped).toMatchObject({ card: { method: 'pg_dump' }, passedOver: undefined });
    const checked = await checkBackup(dumped.one);

    putInPath(OF_17);
    expect(await take(first, 'auto')).toMatchObject({
      card: { method: 'copy' },
      passedOver: { code: 'backup_tools_missing' },
    });
    await expect(take(first, 'pg_dump')).rejects.toMatchObject({ code: 'backup_tools_missing' });
    await restoreBackup(second, dumped.one, checked, log, never);
    const of = createPool(second, 2, log);
    onTestFinished(() => of.end());
    const { rows } = await of.query('SELECT what, (SELECT count(*)::int FROM users) AS users FROM of_others');
    expect(rows).toEqual([{ what: 'SET transaction_timeout = 0;', users: 2 }]);

    // Without psql there is no way, and nothing is begun.
    putInPath(OF_17, { alone: true });
    await expect(restoreBackup(third, dumped.one, checked, log, never)).rejects.toMatchObject({
      code: 'backup_tools_missing',
    });
    expect(await inSession(third, never, isEmpty)).toBe(true);
    putInPath({}, { alone: true });
    await expect(restoreBackup(third, dumped.one, checked, log, never)).rejects.toMatchObject({
      code: 'backup_tools_missing',
      message: expect.stringContaining('pg_restore is not here') as string,
    });

    // Tools that fit, and do not get in: the server takes it, and says so.
    putInPath({ pg_dump: `[ "$1" = --version ] && exec '${join(bin, 'pg_dump')}' --version; exit 1` });
    expect(await take(first, 'auto')).toMatchObject({
      card: { method: 'copy' },
      passedOver: { code: 'backup_tool_failed' },
    });
  },
  180_000,
);

it.runIf(isThere)(
  'backups by Postgres’s own tools hold tables of others, too; those by COPY go between versions, both ways',
  async () => {
    const [first, second, third] = (await databases('first', 'second', 'third')) as [string, string, string];
    await migrate(first, log);
    const pool = createPool(first, 2, log);
    onTestFinished(() => pool.end());
    const users = await addUsers(pool, 3);
    await pool.query(`CREATE TABLE of_others AS SELECT 'kept' AS what`);

    const { dir, take } = useBackups();
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
