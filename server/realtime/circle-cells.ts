import { getHexagonEdgeLengthAvg, gridDisk, latLngToCell, UNITS } from 'h3-js';

/** A circle on the globe: WGS84 degrees and metres. */
export interface Circle {
  readonly lat: number;
  readonly lon: number;
  readonly radiusM: number;
}

/** Coarsest and finest resolution of the cells that circles are found by. */
const COARSEST = 3;
const FINEST = 7;
/** Rings around the middle cell at most: 37 cells a circle. */
const MAX_RINGS = 3;
/** A cell's edge is nowhere shorter than the average by more than this; the rest is slack. */
const SHORTEST_EDGE = 0.6;
/** Each ring of hexagons reaches at least this many edges farther. */
const EDGES_A_RING = 1.5;

/** Cells of one resolution that hold the whole circle, and something around it. */
export interface CircleCells {
  readonly resolution: number;
  readonly cells: readonly string[];
}

/** Finds them: the finest resolution at which a few rings suffice. */
export function cellsOfCircle({ lat, lon, radiusM }: Circle): CircleCells {
  for (let resolution = FINEST; ; resolution -= 1) {
    const rings = ringsFor(radiusM, resolution);
    if (rings > MAX_RINGS && resolution > COARSEST) continue;
    return { resolution, cells: gridDisk(latLngToCell(lat, lon, resolution), rings) };
  }
}

/** One ring more than the radius needs, as the middle may lie at the edge of its cell. */
function ringsFor(radiusM: number, resolution: number): number {
  const edgeM = getHexagonEdgeLengthAvg(resolution, UNITS.m) * SHORTEST_EDGE;
  return Math.ceil(radiusM / (edgeM * EDGES_A_RING)) + 1;
}
