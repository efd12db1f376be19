import { randomUUID } from 'node:crypto';
import type { Removal } from '../../../auth/removal.ts';
import { isHaloError } from '../../../platform/errors.ts';
import { sealed, unsealed } from '../seal.ts';
import type { BackupStore } from '../store.ts';
import { nameBook, readBookName, readBookText, unreadable, writeBookText } from './book.ts';
import type { BookName } from './book.ts';

/** More than any book of ours has, unpacked. */
const MAX_BOOK_BYTES = 16 * 1024 * 1024;
/** What says that a book is torn, or sealed for somebody else. What its place fails with stays as it is. */
const OF_THE_BOOK: Readonly<Record<string, string>> = {
  backup_damaged: 'it is damaged',
  backup_key_missing: 'it is encrypted, and HALO_BACKUP_KEY is not set',
  backup_key_wrong: 'it was encrypted for another key than HALO_BACKUP_KEY, or is damaged',
};

/** A book that lies in a store. */
export interface ShelvedBook extends BookName {
  readonly bytes: number;
}

/** Books of a house, the oldest first. */
export async function listBooks(store: BackupStore, house: string): Promise<ShelvedBook[]> {
  return (await store.list())
    .flatMap(({ name, bytes }) => {
      const book = readBookName(name);
      return book?.house === house ? [{ ...book, bytes }] : [];
    })
    .toSorted((a, b) => a.until.getTime() - b.until.getTime() || (a.name < b.name ? -1 : 1));
}

/** Puts a book of at least one removal there: whole, or not at all. */
export async function writeBook(
  store: BackupStore,
  house: string,
  removals: readonly Removal[],
  key: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const last = new Date(Math.max(...removals.map(({ at }) => at.getTime())));
  const { name } = nameBook(house, last, randomUUID(), key !== undefined);
  const text = async function* () {
    yield Buffer.from(writeBookText(house, removals));
  };
  await store.write(name, await sealed(text(), key), signal);
}

/** Reads a book. Fails with `removals_unreadable`, and with `backup_missing` where it has gone. */
export async function readBook(
  store: BackupStore,
  book: BookName,
  key: string | undefined,
): Promise<Removal[]> {
  return readBookText(book, await textOf(store, book, key));
}

async function textOf(store: BackupStore, { name, encrypted }: BookName, key: string | undefined) {
  const stored = await store.read(name);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of await unsealed(stored, encrypted, key)) {
      pieces.push(piece);
      length += piece.length;
      if (length > MAX_BOOK_BYTES) throw unreadable(name, 'it is larger than any that was written');
    }
  } catch (error) {
    const why = isHaloError(error) ? OF_THE_BOOK[error.code] : undefined;
    throw why === undefined ? error : unreadable(name, why, error);
  } finally {
    stored.destroy();
  }
  return Buffer.concat(pieces).toString('utf8');
}
