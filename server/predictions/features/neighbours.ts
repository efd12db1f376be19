import { gridRing } from 'h3-js';
import type { Place, PlaceKind } from '../forecast.ts';

/** Places around each place, sorted into rings from near to far. */
export interface Neighbours {
  readonly rings: readonly Ring[];
}

/**
 * One ring around every place, told from the other side: for each place those in whose ring it lies, so that a count is
 * handed on only by places that have one.
 */
export interface Ring {
  /** Entry p is where the places that have place p in their ring begin in `holders`; one more entry ends the last. */
  readonly starts: Int32Array;
  readonly holders: Int32Array;
  /** How many places a whole ring has, those outside of what is forecast included: sums are divided by it. */
  readonly size: number;
}

/** H3 rings that are taken together. A cell of resolution 9 is some 350 m across, one of 10 some 130 m. */
const CELL_RINGS: Readonly<Record<Exclude<PlaceKind, 'municipality'>, readonly (readonly number[])[]>> = {
  'cell-9': [[1], [2], [3, 4]],
  'cell-10': [[1], [2], [3, 4], [5, 6, 7, 8]],
};
/** Municipalities have no rings: the nearest few, and then those beyond them. */
const NEAREST = [4, 10];
const RADIANS = Math.PI / 180;

/** The neighbours of each place among the places themselves. */
export function neighboursOf(places: readonly Place[], kind: PlaceKind): Neighbours {
  if (kind === 'municipality') return { rings: nearestRings(places) };
  const indexOf = new Map(places.map((place, index) => [place.id, index]));
  const rings = CELL_RINGS[kind].map((distances) =>
    ringOf(
      places.map(({ id }) =>
        distances.flatMap((distance) => gridRing(id, distance)).flatMap((cell) => indexOf.get(cell) ?? []),
      ),
      distances.reduce((sum, distance) => sum + 6 * distance, 0),
    ),
  );
  return { rings };
}

function nearestRings(places: readonly Place[]): readonly Ring[] {
  const sorted = places.map((place, own) =>
    places
      .map((_, index) => index)
      .filter((index) => index !== own)
      .toSorted((a, b) => squaredDegrees(place, places[a]!) - squaredDegrees(place, places[b]!)),
  );
  return NEAREST.map((count, n) => {
    const from = n === 0 ? 0 : NEAREST[n - 1]!;
    return ringOf(
      sorted.map((others) => others.slice(from, count)),
      count - from,
    );
  });
}

/** Squared distance in degrees of latitude, good for telling which of two places is nearer. */
function squaredDegrees(a: Place, b: Place): number {
  return (a.lat - b.lat) ** 2 + ((a.lon - b.lon) * Math.cos(a.lat * RADIANS)) ** 2;
}

function ringOf(members: readonly (readonly number[])[], size: number): Ring {
  const holdersOf: number[][] = members.map(() => []);
  members.forEach((list, holder) => list.forEach((member) => holdersOf[member]!.push(holder)));
  const starts = new Int32Array(members.length + 1);
  holdersOf.forEach((list, place) => (starts[place + 1] = starts[place]! + list.length));
  return { starts, holders: Int32Array.from(holdersOf.flat()), size };
}

/** Of each place in each class, the sum of `counts` (class by class) over its ring, divided by the ring's size. */
export function ringMeans(
  counts: Float32Array,
  places: number,
  { starts, holders, size }: Ring,
): Float32Array {
  const means = new Float32Array(counts.length);
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]!;
    if (count === 0) continue;
    const place = at % places;
    const first = at - place;
    const share = count / size;
    for (let n = starts[place]!; n < starts[place + 1]!; n++) means[first + holders[n]!]! += share;
  }
  return means;
}
