import type { Removal } from '../../../auth/removal.ts';
import { isHaloError } from '../../../platform/errors.ts';
import type { BackupStore } from '../store.ts';
import { listBooks, readBook } from './book-shelf.ts';
import { unreadable } from './book.ts';

/**
 * What was done so long before a backup's moment is read all the same: its transaction may have ended after the moment, and the clock of a
 * Postgres that took another one's place may be behind. It is done again where it is done already, which changes nothing.
 */
export const MARGIN_MS = 3_600_000;

const READ_AT_ONCE = 8;
/** Books are put together, and old ones removed, while others read. */
const MAX_ATTEMPTS = 3;

/** Which books are asked for. */
export interface Asked {
  readonly house: string;
  /** Of the backup. */
  readonly takenAt: Date;
  /** Whether the backup is. */
  readonly encrypted: boolean;
}

/** What is in the books. */
export interface ReadRemovals {
  /** Those that were read. */
  readonly books: number;
  readonly removals: readonly Removal[];
}

/**
 * What was done to accounts of a house after a moment, by its books in a store.
 *
 * @throws HaloError `removals_unreadable`; as the store does
 */
export async function readRemovals(
  store: BackupStore,
  asked: Asked,
  key: string | undefined,
): Promise<ReadRemovals> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(store, asked, key);
    } catch (error) {
      if (!isHaloError(error, 'backup_missing') || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function readOnce(
  store: BackupStore,
  { house, takenAt, encrypted }: Asked,
  key: string | undefined,
): Promise<ReadRemovals> {
  const since = new Date(takenAt.getTime() - MARGIN_MS);
  // What is in the clear and ends before an encrypted backup's moment is from before the key, or a forgery: what a book of ours from
  // then tells of is in the backup, and a forgery must not be believed.
  const books = (await listBooks(store, house)).filter(
    (book) => book.until >= (encrypted && !book.encrypted ? takenAt : since),
  );
  const removals: Removal[] = [];
  for (let at = 0; at < books.length; at += READ_AT_ONCE) {
    const some = books.slice(at, at + READ_AT_ONCE).map((book) => {
      // Whoever can write to the place, and has no key, must not make himself an operator.
      if (encrypted && !book.encrypted)
        throw unreadable(book.name, 'it is not encrypted, though the backup is');
      return readBook(store, book, key);
    });
    removals.push(...(await Promise.all(some)).flat());
  }
  return { books: books.length, removals: removals.filter((one) => one.at >= since) };
}
