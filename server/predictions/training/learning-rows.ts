import { seededRandom } from '../../platform/seeded-random.ts';
import { FEATURES, featureView } from '../features/features.ts';
import { firstFrom } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { WINDOW_MS, windowAt } from '../windows.ts';

/** Rows that a model learns from are at most this many: 400,000 of 120 numbers are 190 MB. */
const MAX_ROWS = 400_000;
/** Of these at most this many have incidents; earlier weeks are left out. */
const MAX_ROWS_WITH_INCIDENTS = 150_000;

/** What was known before each of some weeks, and what came in them. */
export interface WeekRows {
  readonly rows: number;
  /** Numbers of a row: the kernel's columns, then the features. */
  readonly width: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly counts: Float32Array;
  readonly weights: Float32Array;
  /** Entry n is where the rows of week n begin; one more entry ends the last. */
  readonly weekStarts: readonly number[];
  readonly incidents: number;
}

/** Counts of the windows from `firstWindow` on by what is known at `knownByMs`: key is window offset × places + place. */
export function countWindows(
  timeline: Timeline,
  firstWindow: number,
  knownByMs: number,
): Map<number, number> {
  const counts = new Map<number, number>();
  const endMs = (firstWindow + WINDOWS_AHEAD) * WINDOW_MS;
  for (let n = firstFrom(timeline, firstWindow * WINDOW_MS); n < timeline.length; n++) {
    if (timeline.shownAt[n]! >= endMs) break;
    if (timeline.counts[n] === 0 || timeline.knownAt[n]! > knownByMs) continue;
    const offset = windowAt(timeline.shownAt[n]!) - firstWindow;
    const key = offset * timeline.places.length + timeline.place[n]!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * The rows of the weeks that begin with these windows (rising): every place and window with an incident, and a
 * sample of those without, each of which stands for many. Only places that were known before their week count.
 */
export function learningRows(
  timeline: Timeline,
  weeks: readonly number[],
  knownByMs: number,
  seed: number,
  onWeek?: (done: number) => void,
): WeekRows | undefined {
  const places = timeline.places.length;
  const counted = weeks.map((first) => countWindows(timeline, first, knownByMs));
  let firstWeek = weeks.length;
  let positive = 0;
  while (firstWeek > 0 && positive + counted[firstWeek - 1]!.size <= MAX_ROWS_WITH_INCIDENTS) {
    positive += counted[--firstWeek]!.size;
  }
  const all = places * WINDOWS_AHEAD * (weeks.length - firstWeek);
  const share = Math.min(1, (MAX_ROWS - positive) / Math.max(1, all - positive));
  const random = seededRandom(seed);
  let rows: GrowingRows | undefined;
  for (let week = firstWeek; week < weeks.length; week++) {
    onWeek?.(week - firstWeek);
    const first = weeks[week]!;
    const cutOffMs = timeline.windows.startOf(first).getTime();
    const view = featureView(timeline, cutOffMs);
    if (view === undefined) continue;
    rows ??= createRows(view.width, view.kernel.columns, Math.min(all, MAX_ROWS));
    rows.weekStarts.push(rows.rows);
    for (let place = 0; place < places; place++) {
      if (timeline.placeKnownAt[place]! > cutOffMs) continue;
      for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
        const count = counted[week]!.get(offset * places + place) ?? 0;
        if (count === 0 && share < 1 && random() >= share) continue;
        if (rows.rows === rows.counts.length) continue;
        view.fill(place, first + offset, rows.values, rows.rows * rows.width);
        rows.counts[rows.rows] = count;
        rows.weights[rows.rows] = count === 0 ? 1 / share : 1;
        rows.rows += 1;
        rows.incidents += count;
      }
    }
  }
  if (rows === undefined || rows.rows === 0) return undefined;
  return { ...rows, weekStarts: [...rows.weekStarts, rows.rows] };
}

interface GrowingRows {
  rows: number;
  incidents: number;
  readonly width: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly counts: Float32Array;
  readonly weights: Float32Array;
  readonly weekStarts: number[];
}

function createRows(width: number, columns: number, most: number): GrowingRows {
  return {
    rows: 0,
    incidents: 0,
    width,
    columns,
    values: new Float32Array(most * width),
    counts: new Float32Array(most),
    weights: new Float32Array(most),
    weekStarts: [],
  };
}

/** What trees see of a row: the logarithm of what the kernel expects, then the features. */
export const TREE_INPUTS = 1 + FEATURES.length;
