import type { Area } from './area.ts';

/** A point farther than this from every municipality's centre lies in none, in metres. */
export const MAX_CENTRE_DISTANCE_M = 150_000;
/** Mean radius of the Earth (IUGG), in metres. */
const EARTH_RADIUS_M = 6_371_008.8;
/** The square of the straight line through a sphere of radius 1 that joins two points at that distance. */
const MAX_CHORD_SQUARED = chordSquaredOf(MAX_CENTRE_DISTANCE_M);

type Point = readonly [x: number, y: number, z: number];

/** Centres of areas, ready to be asked which is nearest. */
export class Centres {
  /** From south to north. */
  readonly #areas: readonly Area[];
  /** Their places on a sphere of radius 1: x, y, z, … */
  readonly #places: Float64Array;

  constructor(areas: readonly Area[]) {
    this.#areas = areas.toSorted((a, b) => a.lat - b.lat);
    this.#places = Float64Array.from(this.#areas.flatMap(({ lat, lon }) => onUnitSphere(lat, lon)));
  }

  /**
   * The area whose centre is nearest, or undefined farther than `MAX_CENTRE_DISTANCE_M` from every one. Straight lines
   * through the globe rank as the ways over it do, and cost no trigonometry for each centre. Looks north and south from
   * the point, in each direction until the difference in latitude alone is more than the nearest found.
   */
  nearest(lat: number, lon: number): Area | undefined {
    const point = onUnitSphere(lat, lon);
    const x = point[0];
    const y = point[1];
    const z = point[2];
    const places = this.#places;
    const start = this.#firstFrom(z);
    let best = -1;
    let least = MAX_CHORD_SQUARED;
    for (const step of [3, -3]) {
      for (let at = step > 0 ? start : start - 3; at >= 0 && at < places.length; at += step) {
        const up = places[at + 2]! - z;
        if (up * up >= least) break;
        const apart = (places[at]! - x) ** 2 + (places[at + 1]! - y) ** 2 + up * up;
        if (apart >= least) continue;
        best = at / 3;
        least = apart;
      }
    }
    return this.#areas[best];
  }

  /** Where in `#places` the first centre lies that is not south of a height over the equator's plane. */
  #firstFrom(z: number): number {
    let [low, high] = [0, this.#areas.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle * 3 + 2]! < z) low = middle + 1;
      else high = middle;
    }
    return low * 3;
  }
}

/** Whether two points are farther apart than `MAX_CENTRE_DISTANCE_M`. */
export function isFar(latA: number, lonA: number, latB: number, lonB: number): boolean {
  return chordSquared(onUnitSphere(latA, lonA), onUnitSphere(latB, lonB)) >= MAX_CHORD_SQUARED;
}

function chordSquared(a: Point, b: Point): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function chordSquaredOf(metres: number): number {
  return (2 * Math.sin(metres / (2 * EARTH_RADIUS_M))) ** 2;
}

function onUnitSphere(lat: number, lon: number): Point {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}
