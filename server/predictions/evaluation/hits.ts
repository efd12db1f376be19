import { WINDOWS_AHEAD } from '../forecast.ts';
import type { AreaChosen } from '../forecast.ts';
import { poissonDeviance } from '../training/poisson.ts';

/** How many places each amount of area is; a key that is absent was not asked for. */
export type AreaSizes = Readonly<Partial<Record<AreaChosen, number>>>;

/** A week's forecast of some places: `expected[offset * places.length + n]` of window `offset` in place n. */
export interface WeekForecast {
  readonly expected: Float64Array;
  /** True where every window ranks the places the same way. */
  readonly isFlat: boolean;
}

/** What a forecast found in one week. */
export interface WeekScore {
  /** Incidents in the chosen places, chosen for each window, and chosen once. */
  readonly hits: Readonly<Partial<Record<AreaChosen, number>>>;
  readonly weekHits: Readonly<Partial<Record<AreaChosen, number>>>;
  /** Sums over places and windows. */
  readonly deviance: number;
  readonly brier: number;
}

/** What came in a week: `counts` as in `WeekForecast.expected`. */
export interface WeekSeen {
  readonly counts: Float64Array;
  readonly places: number;
  readonly incidents: number;
}

/** Compares a forecast with what came. */
export function scoreWeek(forecast: WeekForecast, seen: WeekSeen, areas: AreaSizes): WeekScore {
  const { expected, isFlat } = forecast;
  const { counts, places } = seen;
  const hits: Partial<Record<AreaChosen, number>> = {};
  const ofWeek = new Float64Array(places);
  let order: Uint32Array | undefined;
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    const window = expected.subarray(offset * places, (offset + 1) * places);
    window.forEach((value, place) => (ofWeek[place]! += value));
    if (order === undefined || !isFlat) order = ranked(window);
    addHits(hits, areas, order, counts.subarray(offset * places, (offset + 1) * places));
  }
  let [deviance, brier] = [0, 0];
  for (let n = 0; n < expected.length; n++) {
    const [count, mean] = [counts[n]!, expected[n]!];
    deviance += poissonDeviance(count, mean);
    brier += (-Math.expm1(-mean) - (count > 0 ? 1 : 0)) ** 2;
  }
  const weekHits: Partial<Record<AreaChosen, number>> = {};
  addHits(weekHits, areas, ranked(ofWeek), sumOfWindows(counts, places));
  return { hits, weekHits, deviance, brier };
}

/** The most that could have been found, window by window. */
export function bestHits(
  { counts, places }: WeekSeen,
  areas: AreaSizes,
): Readonly<Partial<Record<AreaChosen, number>>> {
  const hits: Partial<Record<AreaChosen, number>> = {};
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    const window = counts.subarray(offset * places, (offset + 1) * places);
    addHits(hits, areas, ranked(window), window);
  }
  return hits;
}

function addHits(
  into: Partial<Record<AreaChosen, number>>,
  areas: AreaSizes,
  order: Uint32Array,
  counts: Float64Array,
): void {
  for (const [area, size] of Object.entries(areas) as [AreaChosen, number][]) {
    let found = 0;
    for (let n = 0; n < size; n++) found += counts[order[n]!]!;
    into[area] = (into[area] ?? 0) + found;
  }
}

/** Places from the highest value to the lowest; equal ones in an order that has nothing to do with where they lie. */
export function ranked(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values.keys());
  return order.sort((a, b) => values[b]! - values[a]! || mixed(a) - mixed(b));
}

function mixed(index: number): number {
  const once = Math.imul(index + 0x9e3779b9, 0x85ebca6b);
  return Math.imul(once ^ (once >>> 13), 0xc2b2ae35) >>> 0;
}

function sumOfWindows(counts: Float64Array, places: number): Float64Array {
  const sums = new Float64Array(places);
  counts.forEach((count, n) => (sums[n % places]! += count));
  return sums;
}
