import type { OutboxEntry } from '@halo/client';

/** Entries drawn at once: a phone draws this many without a stutter, whatever waits behind them. */
export const PAGE_ENTRIES = 50;

/** Where a person is in a long queue: the `seq` behind which each page up to the one in sight begins. */
export type PagePath = readonly number[];

/** The first page. */
export const FIRST_PAGE: PagePath = [0];

/** The page after the one whose entries these are; the same where they end the queue. */
export function nextPage(path: PagePath, entries: readonly OutboxEntry[]): PagePath {
  const last = entries[PAGE_ENTRIES - 1];
  return last === undefined || entries.length <= PAGE_ENTRIES ? path : [...path, last.seq];
}

/** The page before. */
export function previousPage(path: PagePath): PagePath {
  return path.length > 1 ? path.slice(0, -1) : path;
}

/** The `seq` behind which the page begins. */
export function afterOf(path: PagePath): number {
  return path[path.length - 1] ?? 0;
}
