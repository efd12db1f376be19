import type { Place } from '../forecast.ts';

const METRES_A_DEGREE = 111_195;
const RADIANS = Math.PI / 180;
/** A kernel ends at this many bandwidths: less than 1.2 % of its weight lies beyond. */
const KERNEL_ENDS_AT = 3;

/** Pairs of places that are kept of a bandwidth, of twelve bytes each; where there are more they are found anew each time. */
const MAX_PAIRS = 4_000_000;

/**
 * How much of each place's value reaches which others: a Gaussian of the distance, cut off. The places that reach `places[n]` are
 * `from[starts[n]]` to before `from[starts[n + 1]]`.
 */
interface PlaceKernel {
  readonly starts: Uint32Array;
  readonly from: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * Made once for a history's places, which all its series share, and for the few bandwidths that are tried: a test spreads values over them a
 * thousand times. Null where there are too many pairs to keep.
 */
const kernels = new WeakMap<readonly Place[], Map<number, PlaceKernel | null>>();

/** Spreads the places' values over their surroundings; `bandwidthM` is the Gaussian's standard deviation in metres. */
export function spreadOver(
  places: readonly Place[],
  values: Float64Array,
  bandwidthM: number,
  maxPairs = MAX_PAIRS,
): Float64Array {
  const into = new Float64Array(values.length);
  const kernel = kernelOf(places, bandwidthM, maxPairs);
  if (kernel === null) {
    eachPair(places, bandwidthM, (place, other, weight) => (into[place]! += values[other]! * weight));
    return into;
  }
  const { starts, from, weights } = kernel;
  for (let place = 0; place < into.length; place++) {
    let sum = 0;
    for (let at = starts[place]!; at < starts[place + 1]!; at++) sum += values[from[at]!]! * weights[at]!;
    into[place] = sum;
  }
  return into;
}

function kernelOf(places: readonly Place[], bandwidthM: number, maxPairs: number): PlaceKernel | null {
  const ofPlaces = kernels.get(places) ?? new Map<number, PlaceKernel | null>();
  kernels.set(places, ofPlaces);
  const known = ofPlaces.get(bandwidthM);
  if (known !== undefined) return known;
  const made = makeKernel(places, bandwidthM, maxPairs);
  ofPlaces.set(bandwidthM, made);
  return made;
}

function makeKernel(places: readonly Place[], bandwidthM: number, maxPairs: number): PlaceKernel | null {
  const starts = new Uint32Array(places.length + 1);
  eachPair(places, bandwidthM, (place) => (starts[place + 1]! += 1));
  for (let place = 0; place < places.length; place++) starts[place + 1]! += starts[place]!;
  const pairs = starts[places.length]!;
  if (pairs > maxPairs) return null;
  const from = new Uint32Array(pairs);
  const weights = new Float64Array(pairs);
  const next = starts.slice();
  eachPair(places, bandwidthM, (place, other, weight) => {
    const at = next[place]!++;
    from[at] = other;
    weights[at] = weight;
  });
  return { starts, from, weights };
}

/** Tells of each place which others reach it, always in the same order. */
function eachPair(
  places: readonly Place[],
  bandwidthM: number,
  tell: (place: number, other: number, weight: number) => void,
): void {
  const reachM = KERNEL_ENDS_AT * bandwidthM;
  const byLatitude = places.map((_, index) => index).toSorted((a, b) => places[a]!.lat - places[b]!.lat);
  let first = 0;
  for (const index of byLatitude) {
    const place = places[index]!;
    while (metresNorth(places[byLatitude[first]!]!, place) > reachM) first += 1;
    for (let at = first; at < byLatitude.length; at++) {
      const other = places[byLatitude[at]!]!;
      const north = metresNorth(place, other);
      if (north > reachM) break;
      const east = (other.lon - place.lon) * METRES_A_DEGREE * Math.cos(place.lat * RADIANS);
      const squared = north * north + east * east;
      if (squared <= reachM * reachM)
        tell(index, byLatitude[at]!, Math.exp(-squared / (2 * bandwidthM * bandwidthM)));
    }
  }
}

function metresNorth(from: { readonly lat: number }, to: { readonly lat: number }): number {
  return (to.lat - from.lat) * METRES_A_DEGREE;
}
