import type { Queryable } from '../../../db/pool.ts';
import type { Job } from '../../../jobs/job.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { boundedWork, GRACE_MS, placeHangs } from '../bounded-work.ts';
import type { WorkBounds } from '../bounded-work.ts';
import { isAlone, lastBackup, placeDiffers } from '../last-place.ts';
import { houseOf } from '../snapshot.ts';
import type { BackupStore } from '../store.ts';
import { writeBook } from './book-shelf.ts';
import { dropAncient, markWritten, unwritten } from './removal-store.ts';

const EVERY_MINUTE = '* * * * *';
const DAILY = '23 4 * * *';
/** Removals of one book, and books of one run: what is left waits a minute. */
const MAX_REMOVALS = 1_000;
const MAX_BOOKS = 20;
/** What is not written by the next tick waits for the one after. */
const RUN_BOUNDS: WorkBounds = { boundMs: 60_000, graceMs: GRACE_MS };

/** What the job needs from outside. */
export interface RemovalsParts {
  readonly db: Queryable;
  /** Undefined: no backups are taken, and there is nothing to put beside them. */
  readonly store: BackupStore | undefined;
  readonly key: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Puts beside the backups, each minute, what was done to accounts and that a restore must not undo. Without a place of backups it only
 * sees to it that the table does not grow for ever.
 */
export function createRemovalsJob(parts: RemovalsParts, bounds: WorkBounds = RUN_BOUNDS): Job {
  const { db, store, clock, logger } = parts;
  const log = logger.child({ component: 'backups' });
  return {
    name: 'removals',
    schedule: store === undefined ? DAILY : EVERY_MINUTE,
    async run(signal) {
      // First: it needs no place, and goes on where that hangs.
      await dropAncient(db, clock.now());
      if (store === undefined) return;
      const write = (stop: AbortSignal) => writeRemovals({ ...parts, store }, stop);
      const written = await boundedWork(write, signal, bounds, placeHangs);
      if (written > 0) log.info({ removals: written }, 'removals were put beside the backups');
    },
  };
}

/**
 * Writes what is new into books; resolves with how much it was. A crash between both steps writes it twice, which does no harm. What is
 * not for this instance's place waits for one that has the right place: fails with `backup_place_differs`.
 */
export async function writeRemovals(
  { db, store, key }: Pick<RemovalsParts, 'db' | 'key'> & { readonly store: BackupStore },
  signal: AbortSignal,
): Promise<number> {
  let written = 0;
  for (let book = 0; book < MAX_BOOKS && !signal.aborted; book += 1) {
    const some = await unwritten(db, MAX_REMOVALS);
    if (some.length === 0) break;
    const house = await houseOf(db);
    if (house === null) break;
    if (book === 0 && !(await isTheirPlace(db, store))) throw placeDiffers();
    await writeBook(store, house, some, key, signal);
    await markWritten(db, some);
    written += some.length;
    if (some.length < MAX_REMOVALS) break;
  }
  return written;
}

/** Whether a restore would look for books here: where others run, only beside the last backup, for theirs may be the place. */
async function isTheirPlace(db: Queryable, store: BackupStore): Promise<boolean> {
  if (await isAlone(db)) return true;
  const last = await lastBackup(db);
  return last === undefined || (await store.list()).some(({ name }) => name === `${last}.json`);
}
