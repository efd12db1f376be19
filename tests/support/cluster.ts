import { renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import pg from 'pg';
import { prepareReplica } from '../../.ci/packages/prepared-replica.mjs';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import type { Cluster } from '../../server/db/embedded/cluster.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from './data-dir.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the run's Postgres; its database `halo_template` is migrated. */
    clusterUrl: string;
  }
}

export const TEMPLATE_DATABASE = 'halo_template';
/** Where the Postgres of the last run with failures is kept; one folder a user, so that they do not pile up. */
const KEPT_DIR = join(tmpdir(), `halo-kept-${process.getuid?.() ?? 'user'}`);

/**
 * Starts the one Postgres of a test run in a temporary folder. The folder goes when the run ends, unless a
 * failed test kept its database: then it stays until the next run that fails. It runs without fsync, which is
 * safe here: tests of crashes kill Halo, never Postgres or the machine.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await prepareReplica();
  const dataDir = makeDataDir('halo-test-');
  const log = createLogger('warn');
  const flags = { fsync: 'off', full_page_writes: 'off', max_wal_size: '4GB' };
  const cluster = await startCluster({ dataDir, port: 'free', flags, log });
  try {
    await makeTemplate(cluster);
  } catch (error) {
    await cluster.stop();
    removeDataDir(dataDir);
    throw error;
  }
  project.provide('clusterUrl', cluster.url());
  return async () => {
    const kept = await keptDatabases(cluster);
    await cluster.stop();
    if (kept.length === 0) return removeDataDir(dataDir);
    removeDataDir(KEPT_DIR);
    renameSync(dataDir, KEPT_DIR);
    process.stderr.write(
      `kept: ${kept.join(', ')}; open them by: node --import tsx tests/support/open-kept.ts ${KEPT_DIR}\n`,
    );
  };
}

async function makeTemplate(cluster: Cluster): Promise<void> {
  await asAdmin(cluster, (admin) => admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`));
  await migrate(cluster.url(TEMPLATE_DATABASE), createLogger('warn'));
}

/** Databases that failed tests have marked. */
function keptDatabases(cluster: Cluster): Promise<string[]> {
  return asAdmin(cluster, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE 'kept: %' ORDER BY datname`,
    );
    return rows.map(({ datname }) => datname);
  });
}

async function asAdmin<T>(cluster: Cluster, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
