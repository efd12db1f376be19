import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasOtherSpace, startInOtherSpace } from '../../../tests/support/other-space.ts';
import { makeDataDir, removeDataDir } from '../../../tests/support/data-dir.ts';
import { createLogger } from '../../platform/logger.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { clusterDirectory } from './cluster-files.ts';
import { urlOfRunningCluster } from './running-cluster.ts';
import { beginAnew, serverLogFile } from './server-log.ts';
import { canEnter, canRun, systemUserForPostgres } from './system-user.ts';

const run = promisify(execFile);
const log = createLogger('silent');
const isRoot = process.getuid?.() === 0;
/** The user that Debian and its kin keep for whoever must own nothing. */
const NOBODY = 65_534;
const nobody = { name: 'nobody', uid: NOBODY, gid: NOBODY };
/** Not so for a checkout, a Node or a temporary folder below /root. */
const nobodyCanTry =
  isRoot &&
  (await canRun(nobody, process.execPath)) &&
  (await canEnter(nobody, import.meta.dirname)) &&
  (await canEnter(nobody, tmpdir()));
const clusters: Cluster[] = [];
let dataDir: string;

beforeEach(() => {
  dataDir = makeDataDir('halo-cluster-');
});
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop().catch(() => {});
  removeDataDir(dataDir);
});

async function start(flags: Record<string, string> = {}): Promise<Cluster> {
  const cluster = await startCluster({ dataDir, port: 'free', flags, log });
  clusters.push(cluster);
  return cluster;
}

async function query<Row extends pg.QueryResultRow>(cluster: Cluster, sql: string): Promise<Row[]> {
  const client = new pg.Client(cluster.url());
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Where the cluster lies: elsewhere for root with a temporary folder that is closed to others. */
function clusterDir(): string {
  const pointer = join(dataDir, 'postgres-location');
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(dataDir, 'postgres');
}

function postmasterPid(): number {
  return Number(readFileSync(join(clusterDir(), 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A program that starts the cluster of the data directory: the text of a promise of it. */
function startScript(): string {
  const program = fileURLToPath(new URL('./cluster.ts', import.meta.url));
  const logModule = fileURLToPath(new URL('../../platform/logger.ts', import.meta.url));
  return `import(${JSON.stringify(program)}).then(async ({ startCluster }) => {
    const { createLogger } = await import(${JSON.stringify(logModule)});
    const log = createLogger('silent');
    return startCluster({ dataDir: ${JSON.stringify(dataDir)}, port: 'free', log });
  })`;
}

describe('the embedded Postgres', () => {
  it('is ready for logical replication, and keeps its data and port over a restart', async () => {
    const first = await start();
    expect(await query(first, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }]);
    expect(await query(first, 'SHOW max_slot_wal_keep_size')).toEqual([{ max_slot_wal_keep_size: '8GB' }]);
    expect(await query(first, `SELECT upper('å') AS letter`)).toEqual([{ letter: 'Å' }]);
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    expect(await urlOfRunningCluster(dataDir, 'postgres')).toBe(first.url());
    await first.stop();
    expect(await urlOfRunningCluster(dataDir, 'postgres')).toBeUndefined();
    const second = await start();
    expect(second.port).toBe(first.port);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('listens on loopback only, with a password only, and no socket', async () => {
    const cluster = await start();
    expect(await query(cluster, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(cluster, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    const wrong = new pg.Client(cluster.url().replace(/:[^:@]+@/, ':wrong@'));
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
    expect(readFileSync(`${clusterDir()}.password`, 'utf8').length).toBeGreaterThan(30);
  });

  it('shuts down and starts anew a server that a killed Halo left running', async () => {
    const orphan = await start();
    await query(orphan, 'CREATE TABLE kept AS SELECT 42 AS n');
    const before = postmasterPid();
    const adopted = await start();
    expect(postmasterPid()).not.toBe(before);
    expect(await query(adopted, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('recovers from a server that was killed with its lock files left behind', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    process.kill(postmasterPid(), 'SIGKILL');
    const second = await start();
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('leaves another program alone that has got the number in a stale pid file', async () => {
    const first = await start();
    await first.stop();
    const dir = clusterDir();
    const { uid, gid } = statSync(dir);
    const other = spawn('sleep', ['600'], isRoot ? { uid, gid } : {});
    await once(other, 'spawn');
    writeFileSync(join(dir, 'postmaster.pid'), `${other.pid}\n${dir}\n0\n${first.port}\n\n127.0.0.1\n`);
    const second = await start();
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(other.signalCode).toBeNull();
    other.kill();
  });

  it.runIf(hasOtherSpace())(
    'leaves alone a server that runs in another container, until it is gone',
    async () => {
      const other = await startInOtherSpace(
        `${startScript()}.then(({ url }) => console.log(url())); setInterval(() => {}, 1000);`,
      );
      const pidFile = readFileSync(join(clusterDir(), 'postmaster.pid'), 'utf8');
      await expect(start()).rejects.toMatchObject({ code: 'postgres_runs_elsewhere' });
      expect(readFileSync(join(clusterDir(), 'postmaster.pid'), 'utf8')).toBe(pidFile);
      const gone = once(other, 'exit');
      other.kill('SIGKILL');
      await gone;
      expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
  );

  it('begins again with a cluster that was being made when the power went', async () => {
    const dir = await clusterDirectory(dataDir, await systemUserForPostgres(), log);
    mkdirSync(`${dir}.new`);
    writeFileSync(`${dir}.new/PG_VERSION`, '18\n');
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says so when its files or its password are gone, and makes no empty database', async () => {
    writeFileSync(join(dataDir, 'postgres-location'), join(dataDir, 'gone'));
    await expect(start()).rejects.toMatchObject({ code: 'cluster_missing' });
    rmSync(join(dataDir, 'postgres-location'));
    await (await start()).stop();
    rmSync(`${clusterDir()}.password`);
    await expect(start()).rejects.toMatchObject({ code: 'cluster_password_missing' });
  });

  it('quotes the log of a server that does not start', async () => {
    await expect(start({ shared_buffers: 'many' })).rejects.toMatchObject({
      code: 'postgres_start_failed',
      message: expect.stringContaining('shared_buffers') as string,
    });
  });

  it('keeps its log below a bound, under a running server', async () => {
    const cluster = await start({ log_statement: 'all' });
    const file = serverLogFile(clusterDir());
    await query(cluster, `SELECT '${'x'.repeat(2000)}' AS long`);
    await beginAnew(clusterDir(), 1000);
    expect(readFileSync(`${file}.1`, 'utf8')).toContain('xxxx');
    await query(cluster, `SELECT 'later' AS word`);
    expect(readFileSync(file, 'utf8')).toContain('later');
    expect(readFileSync(file, 'utf8')).not.toContain('xxxx');
  });

  it.runIf(isRoot)('works for root in a folder that is closed to the system user', async () => {
    chmodSync(dataDir, 0o700);
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    await first.stop();
    const second = await start();
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it.runIf(nobodyCanTry)('works for an ordinary user', async () => {
    chownSync(dataDir, NOBODY, NOBODY);
    const script = `${startScript()}.then(async (cluster) => {
      await cluster.stop();
      console.log('stopped, as user', process.getuid());
    });`;
    const { stdout } = await run(process.execPath, ['--import', 'tsx', '-e', script], {
      uid: NOBODY,
      gid: NOBODY,
      env: { PATH: process.env.PATH, TMPDIR: dataDir },
    });
    expect(stdout).toContain(`stopped, as user ${NOBODY}`);
  });
});
