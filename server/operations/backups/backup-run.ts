import { hash } from 'node:crypto';
import pg from 'pg';
import type { OnProgress, RunWork } from '../../jobs/recorded-run.ts';
import { BACKUP_VERIFY_JOB } from '../../jobs/run-store.ts';
import type { RunEnd } from '../../jobs/run-store.ts';
import type { Queryable } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { HaloError, isHaloError, messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { isAlone, judgePlace, lastBackup, placeDiffers } from './last-place.ts';
import { readable } from './readable-backup.ts';
import { superfluous } from './shelf-policy.ts';
import { findBackup, listBackups, removeBackup } from './shelf.ts';
import type { ShelvedBackup } from './shelf.ts';
import { houseOf } from './snapshot.ts';
import { boundedWork, GRACE_MS } from './bounded-work.ts';
import type { WorkBounds } from './bounded-work.ts';
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
  /** Somebody gives the command, and has chosen the place. */
  readonly byHand?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A run takes no longer than this: others must have its lease some day, and operators must know. */
const RUN_BOUNDS: WorkBounds = { boundMs: 6 * 3_600_000, graceMs: GRACE_MS };

function tooSlow(): HaloError {
  return new HaloError('backup_too_slow', 'It was not done in the time that a run may take.');
}

/** The work of a run that takes a backup and removes those that the policy does not keep. */
export function backingUp(parts: BackupParts, bounds: WorkBounds = RUN_BOUNDS): RunWork {
  return (runId, onProgress, signal) =>
    boundedWork((stop) => backUp(parts, runId, onProgress, stop), signal, bounds, tooSlow);
}

async function backUp(
  parts: BackupParts,
  runId: string,
  onProgress: OnProgress,
  stop: AbortSignal,
): Promise<RunEnd> {
  const { databaseUrl, store, key, method, version, prunes, logger } = parts;
  const log = logger.child({ component: 'backups' });
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
  // What is put elsewhere by hand says nothing of where the others are.
  const place = prunes ? await placeOf(parts, card.house, cardName) : 'elsewhere';
  const pruned = prunes ? await prune({ ...parts, logger: log }, card.house, stop) : { removed: 0 };
  const { bytes, rows, encrypted } = card;
  const backup = cardName.slice(0, -'.json'.length);
  const about = { backup, method: card.method, bytes, rows, encrypted, durationMs, ...pruned, leftOut };
  const result = { ...about, ...(place === 'elsewhere' && { elsewhere: true }) };
  if (place === 'new' || place === 'differs')
    log.warn({ place }, 'the last backup is not in the place that this one went to');
  if (place !== 'differs' || parts.byHand === true) return { result };
  // It is there and whole: one in the wrong place is better than none. But somebody must look.
  const { code, message, hint } = placeDiffers();
  return { code, error: `${message} ${hint ?? ''}`, result };
}

async function placeOf({ db, store }: BackupParts, house: string | null, taken: string) {
  if (house === null) return 'same';
  const cards = (await backupsOf(store, house)).map(({ cardName }) => cardName);
  const here = cards.filter((name) => name !== taken);
  return judgePlace({ last: await lastBackup(db), here, isAlone: await isAlone(db) });
}

/**
 * The work of a run that restores the newest backup for a trial. It fails, too, where a book of removals cannot be read that a restore of
 * any backup of the house would need.
 */
export function verifying(parts: BackupParts, bounds: WorkBounds = RUN_BOUNDS): RunWork {
  return (_runId, onProgress, signal) =>
    boundedWork((stop) => verifyNewest(parts, onProgress, stop), signal, bounds, tooSlow);
}

async function verifyNewest(parts: BackupParts, onProgress: OnProgress, stop: AbortSignal): Promise<RunEnd> {
  const house = await houseOf(parts.db);
  const backups = await backupsOf(parts.store, house);
  const [newest] = backups;
  if (newest === undefined)
    throw new HaloError('backup_missing', 'There is no backup that could be verified.');
  const result = await verifyOne(parts, newest, house, onProgress, stop);
  if (house === null) return { result };
  try {
    return { result: { ...result, removals: await removalsFor(backups, house, parts) } };
  } catch (error) {
    if (!isHaloError(error, 'removals_unreadable')) throw error;
    return { code: error.code, error: error.message, result };
  }
}

/**
 * Reads the books that a restore of any of these backups would need, the newest backup first; resolves with how many removals the oldest
 * would. Beside an encrypted one a book in the clear is refused, beside another it is not: the oldest of them all may be either.
 */
async function removalsFor(
  backups: readonly ShelvedBackup[],
  house: string,
  { store, key }: BackupParts,
): Promise<number> {
  const oldest = backups.at(-1)!.card;
  const { removals } = await readRemovals(store, { ...oldest, house }, key);
  const oldestEncrypted = backups.findLast(({ card }) => card.encrypted)?.card;
  if (oldestEncrypted !== undefined && oldestEncrypted !== oldest)
    await readRemovals(store, { ...oldestEncrypted, house }, key);
  return removals.length;
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

/** What was removed after a backup. */
interface Pruned {
  /** Backups. */
  readonly removed: number;
  /** The code, or the message, of what kept books of removals from being tidied: the next run tries again. */
  readonly booksUntidied?: string;
}

/** Removes what the policy does not keep of this house's backups, and of its books of removals, and nothing else. */
async function prune(parts: BackupParts, house: string | null, signal: AbortSignal): Promise<Pruned> {
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
  for (const { id } of going) {
    // A run that was left behind may come to itself when another has gone on.
    signal.throwIfAborted();
    await removeBackup(store, findBackup(backups, id));
  }
  const oldest = judged.findLast((one) => !going.includes(one));
  const removed = going.length;
  if (house === null) return { removed };
  try {
    await tidyBooks(parts, house, oldest?.takenAt, now, signal);
    return { removed };
  } catch (err) {
    signal.throwIfAborted();
    // The backup is whole: who reads that it failed would take another, or trust an older one.
    parts.logger.warn({ err }, 'books of removals could not be tidied; the next backup tries again');
    return { removed, booksUntidied: isHaloError(err) ? err.code : messageOf(err) };
  }
}
