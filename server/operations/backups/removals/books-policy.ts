import type { ShelvedBook } from './book-shelf.ts';

/** A month's books are put together when there are more small ones than this. */
const MAX_SMALL = 50;
/** One of this size has some thousand removals, and stays as it is. */
const SMALL_BYTES = 64 * 1024;

/** The books that no backup needs, since nothing in them is as late as `horizon`; pure. */
export function outlived<T extends Pick<ShelvedBook, 'until'>>(books: readonly T[], horizon: Date): T[] {
  return books.filter(({ until }) => until < horizon);
}

/**
 * The books that become one, in groups; pure. Only those of one month (UTC): what is put with what is younger stays as long as that. Only
 * those that are sealed as new ones are: what somebody has laid there without the key must not be sealed by us.
 */
export function toGather<T extends Pick<ShelvedBook, 'until' | 'bytes' | 'encrypted'>>(
  books: readonly T[],
  encrypted: boolean,
): T[][] {
  const months = new Map<string, T[]>();
  for (const book of books) {
    if (book.bytes >= SMALL_BYTES || book.encrypted !== encrypted) continue;
    const month = book.until.toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), book]);
  }
  return [...months.values()].filter((some) => some.length > MAX_SMALL);
}
