import { createGazetteer } from '../areas/gazetteer.ts';
import { importAreas } from '../areas/import/import-areas.ts';
import { seedAreas } from '../areas/seed-areas.ts';
import type { Gazetteer } from '../areas/area.ts';
import type { Config } from '../config/config.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { BoundedPool } from '../db/bounded-pool.ts';
import type { Logger } from '../platform/logger.ts';
import { checkReplicationPrerequisites } from '../replication/preflight.ts';
import type { Closers } from './closers.ts';
import { reach, startEmbedded } from './database.ts';
import { loadInstanceId } from './instance-id.ts';

/** Connections of one instance, besides replication and leases. */
const POOL_SIZE = 20;

/** What everything else stands on. */
export interface Storage {
  readonly databaseUrl: string;
  readonly pool: BoundedPool;
  /** This instance's replication slot. */
  readonly slotName: string;
  readonly gazetteer: Gazetteer;
  /** Names of the migrations applied at this start. */
  readonly migrated: readonly string[];
}

/** Reads the areas, locks the data directory, starts or finds Postgres, migrates, and writes the areas. `stop` ends what waits for others. */
export async function openStorage(
  config: Config,
  logger: Logger,
  closers: Closers,
  stop?: AbortSignal,
): Promise<Storage> {
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
  const migrated = await migrate(databaseUrl, logger, { signal: stop });

  await seedAreas(pool, gazetteer);
  return { databaseUrl, pool, slotName, gazetteer, migrated };
}

/** Like a kill -9: whatever an orderly stop would still write or signal is the other Halo's now. */
function endAtOnce(): void {
  process.exit(1);
}
