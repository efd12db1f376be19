import { runner } from 'node-pg-migrate';
import type { Logger } from '../platform/logger.ts';
import { MIGRATIONS_DIR, MIGRATIONS_TABLE } from './migration-files.ts';

/**
 * Brings the database at `url` to the newest schema: forward only, all pending files in one transaction,
 * one instance at a time (the others wait for the advisory lock). Returns the names of the files applied.
 */
export async function migrate(url: string, logger: Logger, dir = MIGRATIONS_DIR): Promise<string[]> {
  const log = logger.child({ component: 'migrations' });
  const applied = await runner({
    databaseUrl: url,
    dir,
    ignorePattern: '\\..*|.*\\.md',
    migrationsTable: MIGRATIONS_TABLE,
    direction: 'up',
    checkOrder: true,
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: {
      debug: (message) => log.debug(message),
      info: (message) => log.debug(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
  });
  return applied.map((file) => file.name);
}
