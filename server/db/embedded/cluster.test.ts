import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/logger.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';

const log = createLogger('silent');
const isRoot = process.getuid?.() === 0;
const clusters: Cluster[] = [];
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'halo-cluster-'));
  chmodSync(dataDir, 0o755);
});
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop().catch(() => {});
  const elsewhere = join(dataDir, 'postgres-location');
  try {
    const cluster = readFileSync(elsewhere, 'utf8').trim();
    for (const part of ['', '.password', '.port'])
      rmSync(`${cluster}${part}`, { recursive: true, force: true });
  } catch {
    // It lay in the data directory itself.
  }
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<Cluster> {
  const cluster = await startCluster({ dataDir, port: 'free', log });
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

describe('the embedded Postgres', () => {
  it('is ready for logical replication, and keeps its data and port over a restart', async () => {
    const first = await start();
    expect(await query(first, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }]);
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    await first.stop();
    const second = await start();
    expect(second.port).toBe(first.port);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('shuts down and starts anew a server that a killed Halo left running', async () => {
    const orphan = await start();
    await query(orphan, 'CREATE TABLE kept AS SELECT 42 AS n');
    const [before] = await query<{ pid: number }>(orphan, 'SELECT pg_backend_pid() AS pid');
    const adopted = await start();
    expect(await query(adopted, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    expect(before?.pid).toBeGreaterThan(0);
  });

  it('recovers from a server that was killed with its lock files left behind', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    const location = join(dataDir, 'postgres', 'postmaster.pid');
    process.kill(Number(readFileSync(location, 'utf8').split('\n')[0]), 'SIGKILL');
    const second = await start();
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it.runIf(isRoot)('works for root in a folder that is closed to the system user', async () => {
    chmodSync(dataDir, 0o700);
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    await first.stop();
    const second = await start();
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });
});
