import { WINDOWS_A_DAY, WINDOWS_A_WEEK } from '../windows.ts';
import { CLOCKS } from './clocks.ts';
import type { Knowledge } from './knowledge.ts';
import { ringMeans } from './neighbours.ts';
import type { Timeline } from './timeline.ts';

const DAY_MS = 86_400_000;
/** Ages in days up to which a place's incidents are counted. */
export const COUNTED_DAYS = [1, 3, 7, 14, 28, 90, 365, 1_095] as const;
/** Half-life of the decayed count, in days. */
const HALF_LIFE_DAYS = 30;
/** Days since the last incident where there was none for as long. */
const LONG_AGO_DAYS = 1_500;

/** What is known of each place at a cut-off, in plain counts. Arrays have an entry for each place, or class by class. */
export interface PlaceCounts {
  /** Of each of `COUNTED_DAYS`, the incidents that are younger. */
  readonly within: readonly Float32Array[];
  readonly ofAllTypes365: Float32Array;
  readonly decayed: Float32Array;
  readonly daysSinceLast: Float32Array;
  /** Days of the last 365 with an incident. */
  readonly daysWith365: Float32Array;
  /** By hours of the day, in 365 and 1,095 days. */
  readonly hours365: Float32Array;
  readonly hours1095: Float32Array;
  /** By hours of the day apart for weekends, and by window of the week, in 1,095 days. */
  readonly weekendHours1095: Float32Array;
  readonly weekHours1095: Float32Array;
  /** Means of the rings: of each ring in 365 days; of the first one in 28 and 1,095 days and by hours in 1,095. */
  readonly rings365: readonly Float32Array[];
  readonly ring28: Float32Array;
  readonly ring1095: Float32Array;
  readonly ringHours1095: Float32Array;
  /** Of the place's region, how the last 28 days compare with the last 365: 1 is no change. */
  readonly regionTrend: Float32Array;
  /** The same for all places together. */
  readonly trend: number;
}

/** Counts what is known. */
export function placeCounts(timeline: Timeline, knowledge: Knowledge): PlaceCounts {
  const { length: places } = timeline.places;
  const array = (classes = 1) => new Float32Array(classes * places);
  const within = COUNTED_DAYS.map(() => array());
  const counts = {
    within,
    ofAllTypes365: array(),
    decayed: array(),
    daysSinceLast: array().fill(LONG_AGO_DAYS),
    daysWith365: array(),
    hours365: array(WINDOWS_A_DAY),
    hours1095: array(WINDOWS_A_DAY),
    weekendHours1095: array(CLOCKS['weekend-hours'].classes),
    weekHours1095: array(WINDOWS_A_WEEK),
  };
  const lastDayOf = new Int32Array(places).fill(-1);
  for (const n of knowledge.known) {
    const place = timeline.place[n]!;
    const ageDays = (knowledge.frontierMs - timeline.shownAt[n]!) / DAY_MS;
    if (ageDays < 365) counts.ofAllTypes365[place]! += 1;
    if (timeline.counts[n] === 0) continue;
    for (let at = COUNTED_DAYS.length - 1; at >= 0 && ageDays < COUNTED_DAYS[at]!; at--)
      within[at]![place]! += 1;
    counts.decayed[place]! += 2 ** (-ageDays / HALF_LIFE_DAYS);
    counts.daysSinceLast[place] = Math.min(counts.daysSinceLast[place]!, ageDays);
    if (ageDays >= 1_095) continue;
    const window = timeline.windowOfWeek[n]!;
    const hours = CLOCKS.hours.classOf[window]! * places + place;
    counts.hours1095[hours]! += 1;
    counts.weekendHours1095[CLOCKS['weekend-hours'].classOf[window]! * places + place]! += 1;
    counts.weekHours1095[window * places + place]! += 1;
    if (ageDays >= 365) continue;
    counts.hours365[hours]! += 1;
    const day = Math.floor(timeline.shownAt[n]! / DAY_MS);
    if (lastDayOf[place] !== day) counts.daysWith365[place]! += 1;
    lastDayOf[place] = day;
  }
  const days365 = within[6]!;
  const [first] = timeline.neighbours.rings;
  const ofFirst = (values: Float32Array) =>
    first === undefined ? values.map(() => 0) : ringMeans(values, places, first);
  return {
    ...counts,
    rings365: timeline.neighbours.rings.map((ring) => ringMeans(days365, places, ring)),
    ring28: ofFirst(within[4]!),
    ring1095: ofFirst(within[7]!),
    ringHours1095: ofFirst(counts.hours1095),
    ...trends(timeline, within[4]!, days365),
  };
}

/** Added to both counts of a trend, as incidents of a usual month, so that few of them say little. */
const TREND_PRIOR = 5;

function trends({ places }: Timeline, days28: Float32Array, days365: Float32Array) {
  const regions = new Map<string | null, [recent: number, year: number]>();
  let [recent, year] = [0, 0];
  places.forEach(({ region }, place) => {
    const sums = regions.get(region) ?? [0, 0];
    regions.set(region, [sums[0] + days28[place]!, sums[1] + days365[place]!]);
    recent += days28[place]!;
    year += days365[place]!;
  });
  return {
    regionTrend: Float32Array.from(places, ({ region }) => ratio(...regions.get(region)!)),
    trend: ratio(recent, year),
  };
}

function ratio(recent: number, year: number): number {
  return (recent + TREND_PRIOR) / ((year * 28) / 365 + TREND_PRIOR);
}
