import { systemClock } from '../platform/clock.ts';
import { backupParts, openStore } from '../compose/backups.ts';
import { reach, requireTable } from '../compose/database.ts';
import { createPool } from '../db/pool.ts';
import { createLeases } from '../jobs/lease.ts';
import { beginRecorded } from '../jobs/recorded-run.ts';
import { BACKUP_JOB, BACKUP_VERIFY_JOB } from '../jobs/run-store.ts';
import { backingUp, verifying } from '../operations/backups/backup-run.ts';
import { directoryStore } from '../operations/backups/directory-store.ts';
import { newKey } from '../operations/backups/seal.ts';
import { listBackups } from '../operations/backups/shelf.ts';
import type { BackupStore } from '../operations/backups/store.ts';
import { HaloError } from '../platform/errors.ts';
import type { BackupArguments } from './arguments.ts';
import { findDatabase } from '../compose/find-database.ts';
import type { CommandParts } from '../compose/run-command.ts';

/** One works, one records. */
const POOL_SIZE = 2;
const MIB = 1024 ** 2;
/** As many as tell houses apart at a glance. */
const HOUSE_DIGITS = 8;

/** The whole command `npm run backup`. Fails as its parts do, and with `backup_running` while another backup is taken. */
export async function runBackup(asked: BackupArguments, parts: CommandParts): Promise<void> {
  // Before the configuration is read: it may name the file into which the key is to be put.
  if (asked.do === 'new-key') return parts.say(await newKey());
  const { config, say } = parts;
  const place = asked.to === undefined ? config.backups.place : undefined;
  const store = asked.to === undefined ? place && (await openStore(place)) : directoryStore(asked.to);
  if (store === undefined)
    throw new HaloError('backup_place_missing', 'It is not said where backups are kept.', {
      field: 'HALO_BACKUP_DIR',
      hint: 'Set HALO_BACKUP_DIR or HALO_BACKUP_S3, or give --to DIR.',
    });
  if (asked.do === 'list') return list(store, say);
  await work(asked, store, parts);
}

async function list(store: BackupStore, say: (text: string) => void): Promise<void> {
  const backups = await listBackups(store);
  if (backups.length === 0) say('There is no whole backup.');
  for (const { cardName, card } of backups) {
    const { takenAt, bytes, rows, method, encrypted, version, house } = card;
    const size = `${(bytes / MIB).toFixed(1)} MiB`;
    const how = `${method}${encrypted ? ', encrypted' : ''}`;
    say(
      `${cardName.slice(0, -'.json'.length)}  ${takenAt.toISOString()}  ${rows} rows  ${size}  ${how}  Halo ${version}  house ${house?.slice(0, HOUSE_DIGITS) ?? 'unknown'}`,
    );
  }
}

async function work(asked: BackupArguments, store: BackupStore, command: CommandParts): Promise<void> {
  const { config, logger, closers, signal, say } = command;
  const databaseUrl = await findDatabase(config, { alone: false }, logger, closers);
  const pool = createPool(databaseUrl, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());
  await reach(pool);
  await requireTable(pool, 'job_runs', 'Check DATABASE_URL and HALO_DATA_DIR: there is nothing to back up.');
  const job = asked.do === 'verify' ? BACKUP_VERIFY_JOB : BACKUP_JOB;
  const lease = await createLeases({ databaseUrl, logger }).tryAcquire(job);
  if (lease === undefined)
    throw new HaloError('backup_running', 'The same is under way already.', {
      hint: 'Wait until it has ended.',
    });
  closers.add('lease', () => lease.release());
  const storage = { databaseUrl, pool };
  const parts = {
    ...backupParts({ config, storage, clock: systemClock, logger }, store),
    prunes: asked.to === undefined,
    byHand: true,
  };
  const run = await beginRecorded(parts, { job, trigger: 'manual', requestedBy: null });
  const doing = asked.do === 'verify' ? verifying(parts) : backingUp(parts);
  const end = await run.finish(doing, AbortSignal.any([signal, lease.lost]));
  if ('code' in end) throw new HaloError(end.code, end.error);
  say(JSON.stringify(end.result, undefined, 2));
}
