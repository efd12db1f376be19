import { createGazetteer } from '../areas/gazetteer.ts';
import { importAreas } from '../areas/import/import-areas.ts';
import { seedAreas } from '../areas/seed-areas.ts';
import type { Gazetteer } from '../areas/area.ts';
import type { Closers } from '../compose/closers.ts';
import { DATABASE, reach, startEmbedded } from '../compose/database.ts';
import type { Config } from '../config/config.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { urlOfRunningCluster } from '../db/embedded/running-cluster.ts';
import { migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Pool } from '../db/pool.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

/** One writes, one records how it went. */
const POOL_SIZE = 2;

/** A database that is ready to be written to. */
export interface OpenDatabase {
  readonly url: string;
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
}

/**
 * The database that a server of this configuration would use: that of DATABASE_URL, or the embedded one, which is started
 * unless a server runs it already. Fails with `data_dir_in_use` where one does and its Postgres cannot be used from here,
 * and with `database_unreachable`.
 */
export async function openDatabase(config: Config, logger: Logger, closers: Closers): Promise<OpenDatabase> {
  // As the server has them: else entries lie elsewhere than reports, and areas lose the names that files give them.
  const gazetteer = createGazetteer(importAreas(config.areaFiles, logger));
  const url = config.databaseUrl ?? (await embeddedUrl(config.dataDir, logger, closers));
  const pool = createPool(url, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());
  await reach(pool);
  await migrate(url, logger);
  await seedAreas(pool, gazetteer);
  return { url, pool, gazetteer };
}

async function embeddedUrl(dataDir: string, logger: Logger, closers: Closers): Promise<string> {
  try {
    const lock = lockDataDir(dataDir, logger, { onLost: () => process.exit(1) });
    closers.add('data directory', () => lock.release());
  } catch (error) {
    if (!isHaloError(error) || error.code !== 'data_dir_in_use') throw error;
    const url = await urlOfRunningCluster(dataDir, DATABASE);
    if (url !== undefined) return url;
    throw new HaloError('data_dir_in_use', error.message, {
      field: 'HALO_DATA_DIR',
      hint: 'Its Postgres cannot be reached from here: wait until it has started, run this as the same user and on the same machine, stop it, or set DATABASE_URL.',
      cause: error,
    });
  }
  return startEmbedded(dataDir, logger, closers);
}
