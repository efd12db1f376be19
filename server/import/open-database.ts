import { createGazetteer } from '../areas/gazetteer.ts';
import { importAreas } from '../areas/import/import-areas.ts';
import { seedAreas } from '../areas/seed-areas.ts';
import type { Gazetteer } from '../areas/area.ts';
import type { Closers } from '../compose/closers.ts';
import { reach } from '../compose/database.ts';
import { findDatabase } from '../compose/find-database.ts';
import type { Config } from '../config/config.ts';
import { migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Pool } from '../db/pool.ts';
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
  const url = await findDatabase(config, { alone: false }, logger, closers);
  const pool = createPool(url, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());
  await reach(pool);
  await migrate(url, logger);
  await seedAreas(pool, gazetteer);
  return { url, pool, gazetteer };
}
