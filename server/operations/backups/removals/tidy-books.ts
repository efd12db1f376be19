import type { Queryable } from '../../../db/pool.ts';
import type { Removal } from '../../../auth/removal.ts';
import { isHaloError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { BackupStore } from '../store.ts';
import { listBooks, readBook, writeBook } from './book-shelf.ts';
import type { ShelvedBook } from './book-shelf.ts';
import { outlived, toGather } from './books-policy.ts';
import { MARGIN_MS } from './read-removals.ts';
import { ancientBefore, dropWritten, knowsRemovals } from './removal-store.ts';

/** Removals that are put into one book at most. */
const MAX_REMOVALS = 5_000;

/** What tidying needs from outside. */
export interface TidyParts {
  readonly db: Queryable;
  readonly store: BackupStore;
  readonly key: string | undefined;
  readonly logger: Logger;
}

/**
 * Removes the books of a house, and the rows that are in books, that are older than its oldest backup, and puts many small books together.
 *
 * @param oldest when that backup was taken; undefined where there is none
 */
export async function tidyBooks(
  parts: TidyParts,
  house: string,
  oldest: Date | undefined,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const { db, store, key } = parts;
  const horizon = oldest === undefined ? ancientBefore(now) : new Date(oldest.getTime() - MARGIN_MS);
  const books = await listBooks(store, house);
  const going = new Set(outlived(books, horizon));
  for (const { name } of going) await store.remove(name);
  const staying = books.filter((book) => !going.has(book));
  for (const some of toGather(staying, key !== undefined)) await gather(parts, house, some, signal);
  if (await knowsRemovals(db)) await dropWritten(db, horizon);
}

/** Puts books together. The new one is there before the others go: what is in two books is as if it were in one. */
async function gather(
  { store, key, logger }: TidyParts,
  house: string,
  books: readonly ShelvedBook[],
  signal: AbortSignal,
): Promise<void> {
  let removals: Removal[] = [];
  let read: ShelvedBook[] = [];
  const flush = async () => {
    if (read.length > 1) {
      await writeBook(store, house, removals, key, signal);
      for (const { name } of read) await store.remove(name);
    }
    [removals, read] = [[], []];
  };
  for (const book of books) {
    signal.throwIfAborted();
    const some = await readBook(store, book, key).catch((error: unknown) => {
      if (!isHaloError(error, 'removals_unreadable')) throw error;
      // It stays where it is: the weekly trial tells of it, and a restore.
      logger.warn({ code: error.code, reason: error.message }, 'a book of removals cannot be read');
      return undefined;
    });
    if (some === undefined) continue;
    removals.push(...some);
    read.push(book);
    if (removals.length >= MAX_REMOVALS) await flush();
  }
  await flush();
}
