import pg from 'pg';
import { createGazetteer } from '../areas/gazetteer.ts';
import { importAreas } from '../areas/import/import-areas.ts';
import { seedAreas } from '../areas/seed-areas.ts';
import type { Gazetteer } from '../areas/area.ts';
import type { Config } from '../config/config.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { startCluster } from '../db/embedded/cluster.ts';
import { endClient } from '../db/end-client.ts';
import { migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Pool } from '../db/pool.ts';
import { HaloError, messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { checkReplicationPrerequisites } from '../replication/preflight.ts';
import type { Closers } from './closers.ts';
import { loadInstanceId } from './instance-id.ts';

const DATABASE = 'halo';
/** Connections of one instance, besides replication and leases. */
const POOL_SIZE = 20;

/** What everything else stands on. */
export interface Storage {
  readonly databaseUrl: string;
  readonly pool: Pool;
  /** This instance's replication slot. */
  readonly slotName: string;
  readonly gazetteer: Gazetteer;
  /** Names of the migrations applied at this start. */
  readonly migrated: readonly string[];
}

/** Reads the areas, locks the data directory, starts or finds Postgres, migrates, and writes the areas. */
export async function openStorage(config: Config, logger: Logger, closers: Closers): Promise<Storage> {
  // First: a wrong file is found within a moment, and nothing is left to be closed.
  const gazetteer = createGazetteer(importAreas(config.areaFiles, logger));
  const lock = lockDataDir(config.dataDir, logger, { onLost: endAtOnce });
  closers.add('data directory', () => lock.release());

  const databaseUrl = config.databaseUrl ?? (await startEmbedded(config.dataDir, logger, closers));
  const pool = createPool(databaseUrl, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());
  await reach(pool);
  // Before anything is written: a database that cannot feed the read path is left as it is.
  const slotName = `halo_${await loadInstanceId(config.dataDir)}`;
  if (config.ownReadPath) await checkReplicationPrerequisites(pool, slotName);
  const migrated = await migrate(databaseUrl, logger);

  await seedAreas(pool, gazetteer);
  return { databaseUrl, pool, slotName, gazetteer, migrated };
}

/** Like a kill -9: whatever an orderly stop would still write or signal is the other Halo's now. */
function endAtOnce(): void {
  process.exit(1);
}

async function startEmbedded(dataDir: string, logger: Logger, closers: Closers): Promise<string> {
  const cluster = await startCluster({ dataDir, port: 'free', log: logger });
  closers.add('postgres', () => cluster.stop());
  const admin = new pg.Client(cluster.url());
  // What waits fails when the connection breaks; unheard, the event would end the process.
  admin.on('error', () => {});
  await admin.connect();
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await endClient(admin);
  }
  return cluster.url(DATABASE);
}

/** Fails with `database_unreachable`, saying why, when Postgres does not answer or refuses us. */
async function reach(pool: Pool): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    // Node tells of several addresses at once, without a message of its own.
    const reason = cause instanceof AggregateError ? messageOf(cause.errors[0]) : messageOf(cause);
    throw new HaloError('database_unreachable', `Postgres cannot be reached: ${reason}.`, {
      field: 'DATABASE_URL',
      hint: 'Check DATABASE_URL, and that Postgres runs and lets this role in.',
      cause,
    });
  }
}
