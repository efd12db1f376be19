import { WINDOWS_A_WEEK } from '../windows.ts';
import type { Timeline } from './timeline.ts';

const DAY_MS = 86_400_000;
/** The shares of the week's windows are taken from this many days. */
const PROFILE_DAYS = 728;

/** Where knowledge ends at a cut-off, and how incidents spread over a week. */
export interface Knowledge {
  readonly cutOffMs: number;
  /** The cut-off by the wall clock. */
  readonly cutOffShownMs: number;
  /**
   * When the latest incident happened of which the server knows at the cut-off, of any type, by the wall clock. Ages are counted back from
   * it and not from the cut-off: a register that is entered once a month says nothing about its last weeks, and an
   * empty week would look like a quiet one.
   */
  readonly frontierMs: number;
  /** When the earliest happened. */
  readonly startMs: number;
  /** Numbers of the incidents that are known, by rising time. */
  readonly known: Uint32Array;
  /** Share of each window of the week in the incidents of the category, and of all types. */
  readonly profile: Float64Array;
  readonly profileOfAll: Float64Array;
}

/** What is known at a cut-off (milliseconds of UTC); undefined where nothing is. */
export function knowledgeAt(timeline: Timeline, cutOffMs: number): Knowledge | undefined {
  const { length, knownAt, shownAt, windowOfWeek, counts, windows } = timeline;
  const known = new Uint32Array(length);
  let size = 0;
  for (let n = 0; n < length; n++) if (knownAt[n]! <= cutOffMs) known[size++] = n;
  if (size === 0) return undefined;
  const cutOffShownMs = windows.shownAt(cutOffMs);
  // What is dated in the future is a slip, and would move the frontier there.
  while (size > 0 && shownAt[known[size - 1]!]! > cutOffShownMs) size -= 1;
  if (size === 0) return undefined;
  const frontierMs = shownAt[known[size - 1]!]!;
  const ownCounts = new Float64Array(WINDOWS_A_WEEK);
  const allCounts = new Float64Array(WINDOWS_A_WEEK);
  for (let at = size - 1; at >= 0; at--) {
    const n = known[at]!;
    if (frontierMs - shownAt[n]! > PROFILE_DAYS * DAY_MS) break;
    allCounts[windowOfWeek[n]!]! += 1;
    ownCounts[windowOfWeek[n]!]! += counts[n]!;
  }
  return {
    cutOffMs,
    cutOffShownMs,
    frontierMs,
    startMs: shownAt[known[0]!]!,
    known: known.subarray(0, size),
    profile: shares(ownCounts),
    profileOfAll: shares(allCounts),
  };
}

/** Shares that add up to 1; one is added to each count, so that no window is impossible. */
function shares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count + 1, 0);
  return counts.map((count) => (count + 1) / total);
}
