import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import type { Cluster } from '../../server/db/embedded/cluster.ts';
import { clusterDirectory } from '../../server/db/embedded/cluster-files.ts';
import { systemUserForPostgres } from '../../server/db/embedded/system-user.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from './data-dir.ts';
import type { TestDatabase } from './database.ts';

const run = promisify(execFile);
const log = createLogger('silent');

/** A Postgres of the test's own, whose files can be set back to what they were. It goes with the test. */
export interface OwnCluster {
  /** Starts it; its database `postgres` is migrated. */
  start(): Promise<TestDatabase>;
  stop(): Promise<void>;
  /** Kills its first process; the others end by themselves. */
  crash(): Promise<void>;
  /** Keeps a copy of the files of the stopped cluster. */
  takeSnapshot(): Promise<void>;
  /** Puts the copy in the place of the files. */
  restoreSnapshot(): Promise<void>;
}

/** @param flags server settings besides those that Halo needs. */
export async function ownCluster(flags: Readonly<Record<string, string>> = {}): Promise<OwnCluster> {
  const dataDir = makeDataDir('halo-own-');
  const dir = await clusterDirectory(dataDir, await systemUserForPostgres(), log);
  const copy = `${dir}.copy`;
  let running: { cluster: Cluster; database: TestDatabase } | undefined;
  const stop = async () => {
    const former = running;
    running = undefined;
    await former?.database.drop();
    await former?.cluster.stop();
  };
  onTestFinished(async () => {
    await stop();
    await rm(copy, { recursive: true, force: true });
    removeDataDir(dataDir);
  });
  return {
    async start() {
      const cluster = await startCluster({ dataDir, port: 'free', flags: { fsync: 'off', ...flags }, log });
      const url = cluster.url();
      const pool = createPool(url, 10, log);
      running = { cluster, database: { name: 'postgres', url, pool, drop: () => pool.end() } };
      await migrate(url, log);
      return running.database;
    },
    stop,
    async crash() {
      const pid = Number((await readFile(join(dir, 'postmaster.pid'), 'utf8')).split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await running?.database.drop();
      running = undefined;
    },
    async takeSnapshot() {
      await run('cp', ['-a', dir, copy]);
    },
    async restoreSnapshot() {
      await rm(dir, { recursive: true });
      await run('cp', ['-a', copy, dir]);
    },
  };
}
