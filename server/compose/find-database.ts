import { DATABASE, startEmbedded } from './database.ts';
import type { Closers } from './closers.ts';
import type { Config } from '../config/config.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { urlOfRunningCluster } from '../db/embedded/running-cluster.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

/**
 * The database that a server of this configuration would use: that of DATABASE_URL, or the embedded one, which is started
 * unless a server runs it already. Fails with `data_dir_in_use` where one does and its Postgres cannot be used from here, or,
 * with `alone`, where one does.
 */
export async function findDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  { alone }: { readonly alone: boolean },
  logger: Logger,
  closers: Closers,
): Promise<string> {
  const { databaseUrl, dataDir } = config;
  if (databaseUrl !== undefined) return databaseUrl;
  try {
    const lock = lockDataDir(dataDir, logger, { onLost: () => process.exit(1) });
    closers.add('data directory', () => lock.release());
  } catch (error) {
    if (!isHaloError(error) || error.code !== 'data_dir_in_use') throw error;
    const url = alone ? undefined : await urlOfRunningCluster(dataDir, DATABASE);
    if (url !== undefined) return url;
    throw new HaloError('data_dir_in_use', error.message, {
      field: 'HALO_DATA_DIR',
      hint: alone
        ? 'Stop the Halo that runs there.'
        : 'Its Postgres cannot be reached from here: wait until it has started, run this as the same user and on the same machine, stop it, or set DATABASE_URL.',
      cause: error,
    });
  }
  return startEmbedded(dataDir, logger, closers);
}
