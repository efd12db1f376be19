import { hash } from 'node:crypto';
import pg from 'pg';
import type { OnProgress, RunWork } from '../../jobs/recorded-run.ts';
import { BACKUP_VERIFY_JOB } from '../../jobs/run-store.ts';
import type { Queryable } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { HaloError, isHaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { readable } from './readable-backup.ts';
import { superfluous } from './shelf-policy.ts';
import { findBackup, listBackups, removeBackup } from './shelf.ts';
import type { ShelvedBackup } from './shelf.ts';
import { houseOf } from './snapshot.ts';
import type { BackupStore } from './store.ts';
import { takeBackup } from './take-backup.ts';
import type { BackupPlan } from './take-backup.ts';
import { readRemovals } from './removals/read-removals.ts';
import { tidyBooks } from './removals/tidy-books.ts';
import { verifyBackup } from './verify-backup.ts';

/** What runs of backups need from outside. */
export interface BackupParts {
  readonly databaseUrl: string;
  readonly db: Queryable;
  readonly store: BackupStore;
  readonly key: string | undefined;
  readonly method: BackupPlan['method'];
  readonly version: string;
  /** Whether what the policy does not keep is removed. */
  readonly prunes: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A run takes no longer than this, in milliseconds: who takes the lease of one that hangs must not wait for ever. */
const MAX_RUN_MS = 6 * 3_600_000;

/** The work of a run that takes a backup and removes those that the policy does not keep. */
export function backingUp(parts: BackupParts): RunWork {
  const { databaseUrl, store, key, method, version, prunes, logger } = parts;
  const log = logger.child({ component: 'backups' });
  return async (runId, onProgress, signal) => {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(MAX_RUN_MS)]);
    const startedMs = performance.now();
    onProgress('reading the database', 0);
    const taken = await takeBackup({ databaseUrl, store, key, method, version, runId }, stop);
    const durationMs = Math.round(performance.now() - startedMs);
    const { card, cardName, leftOut, passedOver } = taken;
    if (passedOver !== undefined)
      log.warn(
        { err: passedOver },
        'pg_dump is here and was passed over: the server has taken the backup by COPY',
      );
    if (leftOut.length > 0)
      log.warn(
        { tables: leftOut },
        'tables that are not Halo’s are not in the backup; pg_dump would hold them',
      );
    onProgress('removing old ones', 1);
    const removed = prunes ? await prune(parts, card.house, stop) : 0;
    const { bytes, rows, encrypted } = card;
    const backup = cardName.slice(0, -'.json'.length);
    return { result: { backup, method: card.method, bytes, rows, encrypted, durationMs, removed, leftOut } };
  };
}

/**
 * The work of a run that restores the newest backup for a trial. It fails, too, where a book of removals cannot be read that a restore of
 * any backup of the house would need.
 */
export function verifying(parts: BackupParts): RunWork {
  return async (_runId, onProgress, signal) => {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(MAX_RUN_MS)]);
    const house = await houseOf(parts.db);
    const backups = await backupsOf(parts.store, house);
    const [newest] = backups;
    if (newest === undefined)
      throw new HaloError('backup_missing', 'There is no backup that could be verified.');
    const result = await verifyOne(parts, newest, house, onProgress, stop);
    if (house === null) return { result };
    const { takenAt, encrypted } = backups.at(-1)!.card;
    try {
      const { removals } = await readRemovals(parts.store, { house, takenAt, encrypted }, parts.key);
      return { result: { ...result, removals: removals.length } };
    } catch (error) {
      if (!isHaloError(error, 'removals_unreadable')) throw error;
      return { code: error.code, error: error.message, result };
    }
  };
}

/** Restores one backup for a trial; resolves with what is recorded of it. */
export async function verifyOne(
  { databaseUrl, store, key, logger }: BackupParts,
  backup: ShelvedBackup,
  house: string | null,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  onProgress('restoring', 0);
  const startedMs = performance.now();
  const one = readable(store, backup, key);
  const verified = await verifyBackup(databaseUrl, trialDatabase(databaseUrl, house), one, logger, signal);
  return { backup: one.name, ...verified, durationMs: Math.round(performance.now() - startedMs) };
}

/**
 * The database that trials of one database restore into: one at a time, which the lease sees to, and of a name that stays, so that what
 * was left behind is found. A copy of a database is of the same house, and has its trials apart.
 */
export function trialDatabase(databaseUrl: string, house: string | null): string {
  const { database } = new pg.Client(databaseUrl);
  return `halo_verify_${hash('sha256', `${house ?? ''} ${database ?? ''}`).slice(0, 12)}`;
}

/** Whole backups of a house, the newest first. */
export async function backupsOf(store: BackupStore, house: string | null): Promise<ShelvedBackup[]> {
  return (await listBackups(store)).filter(({ card }) => card.house === house);
}

/**
 * Removes what the policy does not keep of this house's backups, and of its books of removals, and nothing else; resolves with how many
 * backups.
 */
async function prune(parts: BackupParts, house: string | null, signal: AbortSignal): Promise<number> {
  const { db, store, clock } = parts;
  const now = clock.now();
  const backups = await backupsOf(store, house);
  const { rows } = await db.query<{ backup: string | null }>(
    `SELECT result->>'backup' AS backup FROM job_runs WHERE job = $1 AND state = 'succeeded' ORDER BY started_at DESC LIMIT 100`,
    [BACKUP_VERIFY_JOB],
  );
  const verified = new Set(rows.map(({ backup }) => `${backup ?? ''}.json`));
  const judged = backups.map(({ cardName, card }) => ({
    id: cardName,
    takenAt: card.takenAt,
    verified: verified.has(cardName),
  }));
  const going = superfluous(judged, now);
  for (const { id } of going) await removeBackup(store, findBackup(backups, id));
  const oldest = judged.findLast((one) => !going.includes(one));
  if (house !== null) await tidyBooks(parts, house, oldest?.takenAt, now, signal);
  return going.length;
}
