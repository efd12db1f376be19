import type { FeedWindow, KnownWindow } from '../feed.ts';
import { missingFromMiddle } from './window-order.ts';

/** Why a readable answer is not believed; stable codes. */
export type AnomalyReason =
  | 'empty_list'
  | 'malformed_items'
  | 'single_type'
  | 'few_types'
  | 'few_places'
  | 'partial_window'
  | 'little_overlap'
  | 'mass_missing';

/** What is made of a window. Only a full one proves by an absence that an item was withdrawn. */
export type WindowHealth =
  | { readonly healthy: true; readonly full: boolean }
  | { readonly healthy: false; readonly reason: AnomalyReason };

/** More unusable items than this share of a window mean that the format changed. */
const MAX_SET_ASIDE_SHARE = 0.1;
/** A few items may well be of one type; foreign windows had 57 to 500. */
const SINGLE_TYPE_FROM_ITEMS = 10;
/** Real windows have 49 types or more, at 20 places or more; these bounds hold for 100 items or more. */
const LARGE_WINDOW_ITEMS = 100;
const MIN_TYPES_OF_LARGE = 8;
const MIN_PLACES_OF_LARGE = 8;
/** A window has at least this share of the types of the one before it. */
const MIN_TYPES_SHARE = 0.25;
/** A full window has at least this share of the items of the one before it: real ones always have 500. */
const MIN_FULL_SHARE = 0.9;
/** For so long a shorter list counts as a partial answer; a feed that stays short became so on purpose. */
const PARTIAL_PATIENCE_MS = 24 * 3_600_000;
/**
 * How many items may have come, and how many may be missing from the middle, since the last healthy window.
 * In three years the most within an hour were 27 and 9. The allowance grows with the gap, so that after a
 * day or two of silence every window that is sound in itself is accepted, and no verdict lasts for ever.
 */
const MAX_ENTERED = { atOnce: 60, perHour: 25 };
const MAX_MISSING = { atOnce: 25, perHour: 10 };
const HOUR_MS = 3_600_000;

/** Judges a window by itself and against the last healthy one; pure. */
export function judgeWindow(window: FeedWindow, known: KnownWindow | undefined, seenAt: Date): WindowHealth {
  const reason = unsoundness(window) ?? (known && mismatch(window, known, seenAt));
  if (reason !== undefined) return { healthy: false, reason };
  const full = known !== undefined && !isShort(window, known) && !window.hidesIds;
  return { healthy: true, full };
}

/** The number of different types in a window. */
export function typeCountOf({ items }: Pick<FeedWindow, 'items'>): number {
  return new Set(items.map(({ rawType }) => rawType)).size;
}

function unsoundness(window: FeedWindow): AnomalyReason | undefined {
  const { items, setAside } = window;
  if (items.length + setAside === 0) return 'empty_list';
  if (setAside > 1 && setAside > MAX_SET_ASIDE_SHARE * (items.length + setAside)) return 'malformed_items';
  if (items.length === 0) return 'malformed_items';
  const types = typeCountOf(window);
  if (types === 1 && items.length >= SINGLE_TYPE_FROM_ITEMS) return 'single_type';
  if (items.length < LARGE_WINDOW_ITEMS) return undefined;
  if (types < MIN_TYPES_OF_LARGE) return 'few_types';
  const places = new Set(items.map(({ place }) => place.municipality ?? place.region));
  return places.size < MIN_PLACES_OF_LARGE ? 'few_places' : undefined;
}

function mismatch(window: FeedWindow, known: KnownWindow, seenAt: Date): AnomalyReason | undefined {
  const gapMs = Math.max(0, seenAt.getTime() - known.seenAt.getTime());
  if (typeCountOf(window) < MIN_TYPES_SHARE * known.typeCount) return 'few_types';
  if (isShort(window, known) && gapMs < PARTIAL_PATIENCE_MS) return 'partial_window';
  const before = new Set(known.sourceIds);
  const entered = window.presentIds.filter((id) => !before.has(id)).length;
  if (entered > allowance(MAX_ENTERED, gapMs)) return 'little_overlap';
  const missing = missingFromMiddle(known.sourceIds, window.presentIds).length;
  return missing > allowance(MAX_MISSING, gapMs) ? 'mass_missing' : undefined;
}

/** A list that lost one item is not short, however few it had: a small feed can withdraw, too. */
function isShort({ presentIds }: FeedWindow, { sourceIds }: KnownWindow): boolean {
  return presentIds.length < Math.min(MIN_FULL_SHARE * sourceIds.length, sourceIds.length - 1);
}

function allowance({ atOnce, perHour }: { atOnce: number; perHour: number }, gapMs: number): number {
  return atOnce + (perHour * gapMs) / HOUR_MS;
}
