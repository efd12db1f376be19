import { isDeepStrictEqual } from 'node:util';
import type { FeedItem, FeedPayload, FeedWindow, KnownWindow } from '../feed.ts';
import { missingFromMiddle } from './window-order.ts';

/** What is known of an item when a window comes. */
export interface KnownItem {
  readonly payload: FeedPayload;
  readonly withdrawn: boolean;
}

/** What a window says that was not known. Items are in the source's order. */
export interface WindowDiff {
  /** Never seen before. */
  readonly added: readonly FeedItem[];
  /** Known, with other contents. */
  readonly changed: readonly FeedItem[];
  /** Withdrawn, and there again; their contents may have changed too. */
  readonly restored: readonly FeedItem[];
  /** Proved to have been withdrawn. */
  readonly withdrawnIds: readonly string[];
}

/**
 * Compares a healthy window with what is known; pure. An item that fell off the end and comes back, because
 * another was withdrawn, is nothing new. Absences count only when the window is `full`.
 */
export function diffWindow(
  window: Pick<FeedWindow, 'items' | 'presentIds'>,
  full: boolean,
  knownItems: ReadonlyMap<string, KnownItem>,
  knownWindow: KnownWindow | undefined,
): WindowDiff {
  const added: FeedItem[] = [];
  const changed: FeedItem[] = [];
  const restored: FeedItem[] = [];
  for (const item of window.items) {
    const known = knownItems.get(item.sourceId);
    if (known === undefined) added.push(item);
    else if (known.withdrawn) restored.push(item);
    else if (!isDeepStrictEqual(known.payload, item.payload)) changed.push(item);
  }
  const missing =
    full && knownWindow !== undefined ? missingFromMiddle(knownWindow.sourceIds, window.presentIds) : [];
  const withdrawnIds = missing.filter((id) => knownItems.get(id)?.withdrawn === false);
  return { added, changed, restored, withdrawnIds };
}
