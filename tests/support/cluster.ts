import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import type { Cluster } from '../../server/db/embedded/cluster.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createLogger } from '../../server/platform/logger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the run's Postgres; its database `halo_template` is migrated. */
    clusterUrl: string;
  }
}

export const TEMPLATE_DATABASE = 'halo_template';

/**
 * Starts the one Postgres of a test run in a folder that goes when the run ends. It runs without fsync: tests
 * of crashes kill Halo, never Postgres or the machine.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'halo-test-'));
  chmodSync(dataDir, 0o755);
  const log = createLogger('warn');
  const flags = { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'off', max_wal_size: '4GB' };
  const cluster = await startCluster({ dataDir, port: 'free', flags, log });
  const end = async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await makeTemplate(cluster);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('clusterUrl', cluster.url());
  return end;
}

async function makeTemplate(cluster: Cluster): Promise<void> {
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await admin.end();
  await migrate(cluster.url(TEMPLATE_DATABASE), createLogger('warn'));
}
