import { uuidv7 } from 'uuidv7';
import type { Config } from '../config/config.ts';
import type { BackupPlace } from '../config/backups.ts';
import type { Pool } from '../db/pool.ts';
import type { Job } from '../jobs/job.ts';
import { backupJobs } from '../operations/backups/backup-jobs.ts';
import type { BackupParts } from '../operations/backups/backup-run.ts';
import { directoryStore } from '../operations/backups/directory-store.ts';
import { createRemovalsJob } from '../operations/backups/removals/removals-job.ts';
import type { BackupStore } from '../operations/backups/store.ts';
import type { RunParts } from '../jobs/recorded-run.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/** What backups need from outside. */
export interface BackupsOptions {
  readonly config: Pick<Config, 'backups' | 'version'>;
  readonly storage: { readonly databaseUrl: string; readonly pool: Pool };
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The jobs that take backups, try them, and put books of removals beside them. Where no place is set nothing of it is done, which the log
 * says once.
 */
export async function openBackups(options: BackupsOptions): Promise<readonly Job[]> {
  const { config, storage, clock, logger } = options;
  const { place, schedule, verify, key } = config.backups;
  const log = logger.child({ component: 'backups' });
  if (place === undefined) {
    log.info('no backups are taken: HALO_BACKUP_DIR is off');
    return [createRemovalsJob({ db: storage.pool, store: undefined, key, clock, logger })];
  }
  if (key === undefined) log.info('backups are not encrypted: HALO_BACKUP_KEY is not set');
  const parts = backupParts(options, await openStore(place));
  return [...backupJobs(parts, { schedule, verify }), createRemovalsJob(parts)];
}

/** What a run of backups is made with. */
export function backupParts(
  { config, storage, clock, logger }: BackupsOptions,
  store: BackupStore,
): BackupParts & RunParts {
  const { databaseUrl, pool } = storage;
  const { key, method } = config.backups;
  const of = { databaseUrl, db: pool, pool, store, key, method, version: config.version, prunes: true };
  return { ...of, newId: uuidv7, clock, logger };
}

/** Opens the place of backups. The library for buckets is loaded only where it is needed: it is large. */
export async function openStore(place: BackupPlace): Promise<BackupStore> {
  if (place.kind === 'directory') return directoryStore(place.dir);
  const { s3Store } = await import('../operations/backups/s3-store.ts');
  return s3Store(place);
}
