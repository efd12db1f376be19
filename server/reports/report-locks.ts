import { latLngToCell } from 'h3-js';
import { reachM } from './linking.ts';
import type { ReportPlace } from './report.ts';

/** Resolution of the H3 cells that are locked: edges of some 3.7 km, inscribed circles of some 3 km. */
const LOCK_RESOLUTION = 6;
/** Top byte of this feature's advisory keys, so that they meet no other's; the rest is the cell's index. */
const NAMESPACE = 0x52n;
const NAMESPACE_SHIFT = 56n;
const CELL_MASK = (1n << NAMESPACE_SHIFT) - 1n;

const SAMPLES = 6;
/** How far out the samples lie, in reaches; see `reportLocks`. */
const SAMPLE_REACHES = 2.1;
const METRES_PER_DEGREE = 110_000;

/**
 * Keys of the advisory locks that make reports which may link wait for each other, ascending.
 *
 * Two reports link only when the circles of their reaches touch, so the touching point lies in both circles,
 * and in some cell. Each report locks every cell that its circle enters: both lock that one. The cells
 * entered are found as those of the centre and of six samples around it. A corner of a cell (120°) that comes
 * in between two samples at distance d would be 0.29 d deep at most, and even one of 108° (H3's cells are
 * distorted a little) 0.37 d; the hexagon of the samples keeps 0.86 d away from the centre. So no corner that
 * the samples miss comes nearer than 0.49 d to the centre, and d = 2.1 reaches is enough. Cells are an order
 * of magnitude wider than circles, so that usually one is locked.
 *
 * A report that knows only its area links only with others at exactly the same centre, and locks its cell.
 * The key is the cell's index with the top byte, constant in cells, replaced by the namespace: a positive
 * 64-bit number.
 */
export function reportLocks(
  place: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>,
): readonly bigint[] {
  const { lat, lon } = place;
  const keys = new Set([lockKey(lat, lon)]);
  const radiusM = place.precision === 'point' ? SAMPLE_REACHES * reachM(place) : 0;
  for (let sample = 0; sample < SAMPLES && radiusM > 0; sample += 1) {
    const bearing = (2 * Math.PI * sample) / SAMPLES;
    const [latThere, lonThere] = moved(lat, lon, radiusM / METRES_PER_DEGREE, bearing);
    keys.add(lockKey(latThere, lonThere));
  }
  return [...keys].toSorted((a, b) => (a < b ? -1 : 1));
}

function lockKey(lat: number, lon: number): bigint {
  const cell = BigInt(`0x${latLngToCell(lat, lon, LOCK_RESOLUTION)}`);
  return (NAMESPACE << NAMESPACE_SHIFT) | (cell & CELL_MASK);
}

/** The point at an angular distance (degrees) and a bearing (radians) on the sphere, poles included. */
function moved(lat: number, lon: number, degrees: number, bearing: number): [number, number] {
  const rad = Math.PI / 180;
  const sinLat =
    Math.sin(lat * rad) * Math.cos(degrees * rad) +
    Math.cos(lat * rad) * Math.sin(degrees * rad) * Math.cos(bearing);
  const turn = Math.atan2(
    Math.sin(bearing) * Math.sin(degrees * rad) * Math.cos(lat * rad),
    Math.cos(degrees * rad) - Math.sin(lat * rad) * sinLat,
  );
  return [Math.asin(Math.max(-1, Math.min(1, sinLat))) / rad, lon + turn / rad];
}
