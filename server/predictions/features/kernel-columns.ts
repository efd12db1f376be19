import type { PlaceKind } from '../forecast.ts';
import { WINDOWS_A_WEEK } from '../windows.ts';
import { CLOCKS } from './clocks.ts';
import type { ClockName } from './clocks.ts';
import type { Knowledge } from './knowledge.ts';
import { ringMeans } from './neighbours.ts';
import type { Timeline } from './timeline.ts';

const DAY_MS = 86_400_000;
/** A band of which less than this is covered by what is known takes the place of the band before it. */
const MIN_COVERED_DAYS = 3;
const OLDEST_DAYS = 2_000;
/** The last column is the same everywhere: the expected count of a week in a place of which nothing is known. */
const CONSTANT_A_WEEK = 0.01;

/** A kind of column: incidents by their age, in the same hours, of the category or of all types, here or around. */
interface ColumnGroup {
  readonly clock: ClockName;
  readonly edgesDays: readonly number[];
  readonly ofAllTypes: boolean;
  /** How many rings around the place have columns of their own, beside the place itself. */
  readonly rings: number;
}

const OWN_GROUPS: readonly ColumnGroup[] = [
  {
    clock: 'any',
    edgesDays: [0, 7, 14, 28, 56, 90, 182, 365, 730, OLDEST_DAYS],
    ofAllTypes: false,
    rings: 4,
  },
  { clock: 'hours', edgesDays: [0, 28, 90, 182, 365, 730, OLDEST_DAYS], ofAllTypes: false, rings: 2 },
  { clock: 'weekend-hours', edgesDays: [0, 182, 365, OLDEST_DAYS], ofAllTypes: false, rings: 1 },
  { clock: 'week-hours', edgesDays: [0, 365, OLDEST_DAYS], ofAllTypes: false, rings: 1 },
];
const ALL_TYPES_GROUPS: readonly ColumnGroup[] = [
  { clock: 'any', edgesDays: [0, 90, 365, OLDEST_DAYS], ofAllTypes: true, rings: 2 },
  { clock: 'hours', edgesDays: [0, 365, OLDEST_DAYS], ofAllTypes: true, rings: 1 },
];

/** One column: the mean weekly count of a band, at the place or in a ring around it, put on a window by its share. */
export interface KernelColumn {
  readonly clock: ClockName;
  readonly fromDays: number;
  readonly toDays: number;
  readonly ofAllTypes: boolean;
  /** 0 is the place itself. */
  readonly ring: number;
}

interface Band extends Omit<KernelColumn, 'ring'> {
  readonly rings: number;
}

const RINGS_OF: Readonly<Record<PlaceKind, number>> = { 'cell-9': 3, 'cell-10': 4, municipality: 2 };

function bandsOf(kind: PlaceKind, category: string): readonly Band[] {
  const groups = category === 'all' ? OWN_GROUPS : [...OWN_GROUPS, ...ALL_TYPES_GROUPS];
  return groups.flatMap(({ clock, edgesDays, ofAllTypes, rings }) =>
    edgesDays.slice(0, -1).map((fromDays, n) => {
      const own = Math.min(rings, RINGS_OF[kind]);
      return { clock, fromDays, toDays: edgesDays[n + 1]!, ofAllTypes, rings: own };
    }),
  );
}

/** The columns of a series, but for the last, which is constant. */
export function kernelColumns(kind: PlaceKind, category: string): readonly KernelColumn[] {
  return bandsOf(kind, category).flatMap(({ rings, ...band }) =>
    Array.from({ length: rings + 1 }, (_, ring) => ({ ...band, ring })),
  );
}

/** The columns of one cut-off, of all places and windows of the week. */
export interface KernelView {
  /** How many columns there are, the constant one included. */
  readonly columns: number;
  /** Writes the columns of a place and a window of the week. */
  fill(place: number, windowOfWeek: number, into: Float32Array | Float64Array, offset: number): void;
  /** What one incident adds to each column in a window of the week; of a ring, one incident in it. */
  unitsIn(windowOfWeek: number): Float64Array;
}

interface BandCounts {
  readonly classOf: readonly number[];
  /** The place's own counts, and the means of its rings: class by class, place by place. */
  readonly byRing: readonly Float32Array[];
  readonly ringSizes: readonly number[];
  /** What turns a count into the expected count of a window of the week. */
  readonly perWindow: Float64Array;
}

/** Counts what is known into the columns of a series. */
export function kernelView(timeline: Timeline, knowledge: Knowledge): KernelView {
  const { series, places } = timeline;
  const bands = bandsOf(series.placeKind, series.category);
  const counts = countBands(timeline, knowledge, bands);
  const own = bands.map((band, n): BandCounts => {
    const rings = timeline.neighbours.rings.slice(0, band.rings);
    return {
      classOf: CLOCKS[band.clock].classOf,
      byRing: [counts[n]!, ...rings.map((ring) => ringMeans(counts[n]!, places.length, ring))],
      ringSizes: [1, ...rings.map(({ size }) => size)],
      perWindow: perWindowOf(band, knowledge),
    };
  });
  const used = bands.map((_, n) => own[coveredBand(bands, n, knowledge)]!);
  const columns = bands.reduce((sum, { rings }) => sum + rings + 1, 1);
  const constant = knowledge.profile.map((share) => share * CONSTANT_A_WEEK);
  return {
    columns,
    fill(place, windowOfWeek, into, offset) {
      let at = offset;
      for (const { classOf, byRing, perWindow } of used) {
        const slot = classOf[windowOfWeek]! * places.length + place;
        const factor = perWindow[windowOfWeek]!;
        for (const values of byRing) into[at++] = values[slot]! * factor;
      }
      into[at] = constant[windowOfWeek]!;
    },
    unitsIn(windowOfWeek) {
      const units = used.flatMap(({ ringSizes, perWindow }) =>
        ringSizes.map((size) => perWindow[windowOfWeek]! / size),
      );
      return Float64Array.from([...units, 0]);
    },
  };
}

function countBands(
  timeline: Timeline,
  knowledge: Knowledge,
  bands: readonly Band[],
): readonly Float32Array[] {
  const { place, shownAt, windowOfWeek, counts, places } = timeline;
  const sums = bands.map(({ clock }) => new Float32Array(CLOCKS[clock].classes * places.length));
  for (const n of knowledge.known) {
    const ageDays = (knowledge.frontierMs - shownAt[n]!) / DAY_MS;
    for (let band = 0; band < bands.length; band++) {
      const { fromDays, toDays, ofAllTypes, clock } = bands[band]!;
      if (ageDays < fromDays || ageDays >= toDays || (counts[n] === 0 && !ofAllTypes)) continue;
      sums[band]![CLOCKS[clock].classOf[windowOfWeek[n]!]! * places.length + place[n]!]! += 1;
    }
  }
  return sums;
}

/** Days of a band that lie within what is known. */
function coveredDays(band: Band, { frontierMs, startMs }: Knowledge): number {
  return Math.min(band.toDays, (frontierMs - startMs) / DAY_MS) - band.fromDays;
}

/** The band itself, or the nearest before it of its kind that is covered. */
function coveredBand(bands: readonly Band[], own: number, knowledge: Knowledge): number {
  let n = own;
  while (coveredDays(bands[n]!, knowledge) < MIN_COVERED_DAYS && bands[n]!.fromDays > 0) n -= 1;
  return n;
}

/** Turns the count of a class into a week's, and that into a window's by its share of the class. */
function perWindowOf(band: Band, knowledge: Knowledge): Float64Array {
  const { classes, classOf } = CLOCKS[band.clock];
  const source = band.ofAllTypes ? knowledge.profileOfAll : knowledge.profile;
  const ofClass = new Float64Array(classes);
  for (let window = 0; window < WINDOWS_A_WEEK; window++) ofClass[classOf[window]!]! += source[window]!;
  const days = coveredDays(band, knowledge);
  const perWeek = days < MIN_COVERED_DAYS ? 0 : 7 / days;
  return knowledge.profile.map((share, window) => (perWeek * share) / ofClass[classOf[window]!]!);
}
