import type { Place } from '../forecast.ts';

const METRES_A_DEGREE = 111_195;
const RADIANS = Math.PI / 180;
/** A kernel ends at this many bandwidths: less than 1.2 % of its weight lies beyond. */
const KERNEL_ENDS_AT = 3;

/**
 * How much of each place's value reaches which others: a Gaussian of the distance, cut off. The places that reach `places[n]` are
 * `from[starts[n]]` to before `from[starts[n + 1]]`.
 */
interface PlaceKernel {
  readonly starts: Uint32Array;
  readonly from: Uint32Array;
  readonly weights: Float64Array;
}

/** Made once for a history's places, which all its series share: a test spreads values over them a thousand times. */
const kernels = new WeakMap<readonly Place[], Map<number, PlaceKernel>>();

/** Spreads the places' values over their surroundings; `bandwidthM` is the Gaussian's standard deviation in metres. */
export function spreadOver(places: readonly Place[], values: Float64Array, bandwidthM: number): Float64Array {
  const { starts, from, weights } = kernelOf(places, bandwidthM);
  const into = new Float64Array(values.length);
  for (let place = 0; place < into.length; place++) {
    let sum = 0;
    for (let at = starts[place]!; at < starts[place + 1]!; at++) sum += values[from[at]!]! * weights[at]!;
    into[place] = sum;
  }
  return into;
}

function kernelOf(places: readonly Place[], bandwidthM: number): PlaceKernel {
  const ofPlaces = kernels.get(places) ?? new Map<number, PlaceKernel>();
  kernels.set(places, ofPlaces);
  const made = ofPlaces.get(bandwidthM) ?? makeKernel(places, bandwidthM);
  ofPlaces.set(bandwidthM, made);
  return made;
}

function makeKernel(places: readonly Place[], bandwidthM: number): PlaceKernel {
  const reachM = KERNEL_ENDS_AT * bandwidthM;
  const byLatitude = places.map((_, index) => index).toSorted((a, b) => places[a]!.lat - places[b]!.lat);
  const near: number[][] = places.map(() => []);
  const weights: number[][] = places.map(() => []);
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
      if (squared > reachM * reachM) continue;
      near[index]!.push(byLatitude[at]!);
      weights[index]!.push(Math.exp(-squared / (2 * bandwidthM * bandwidthM)));
    }
  }
  const starts = new Uint32Array(places.length + 1);
  near.forEach((ofPlace, index) => (starts[index + 1] = starts[index]! + ofPlace.length));
  return { starts, from: Uint32Array.from(near.flat()), weights: Float64Array.from(weights.flat()) };
}

function metresNorth(from: { readonly lat: number }, to: { readonly lat: number }): number {
  return (to.lat - from.lat) * METRES_A_DEGREE;
}
