import pg from 'pg';
import { createGazetteer } from '../areas/gazetteer.ts';
import { seedAreas } from '../areas/seed-areas.ts';
import type { Gazetteer } from '../areas/area.ts';
import type { Config } from '../config/config.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { startCluster } from '../db/embedded/cluster.ts';
import { migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Pool } from '../db/pool.ts';
import type { Logger } from '../platform/logger.ts';
import type { Closers } from './closers.ts';

const DATABASE = 'halo';
/** Connections of one instance, besides replication and leases. */
const POOL_SIZE = 20;

/** What everything else stands on. */
export interface Storage {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  /** Names of the migrations applied at this start. */
  readonly migrated: readonly string[];
}

/** Locks the data directory, starts or finds Postgres, migrates, and fills the gazetteer. */
export async function openStorage(config: Config, logger: Logger, closers: Closers): Promise<Storage> {
  const lock = lockDataDir(config.dataDir, logger);
  closers.add('data directory', () => lock.release());

  const databaseUrl = config.databaseUrl ?? (await startEmbedded(config.dataDir, logger, closers));
  const migrated = await migrate(databaseUrl, logger);
  const pool = createPool(databaseUrl, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());

  const gazetteer = createGazetteer();
  await seedAreas(pool, gazetteer);
  return { databaseUrl, pool, gazetteer, migrated };
}

async function startEmbedded(dataDir: string, logger: Logger, closers: Closers): Promise<string> {
  const cluster = await startCluster({ dataDir, port: 'free', log: logger });
  closers.add('postgres', () => cluster.stop());
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await admin.end();
  }
  return cluster.url(DATABASE);
}
