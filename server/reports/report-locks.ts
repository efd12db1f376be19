import { halfBox, reachM } from './linking.ts';
import type { ReportPlace } from './report.ts';

/** Height of the bands of latitude that are cut into the cells that are locked, in degrees: some 2.2 km. */
const BAND_DEGREES = 0.02;
const BANDS = 180 / BAND_DEGREES;
/** Top byte of this feature's advisory keys, so that they meet no other's; the rest is the cell's band and column. */
const NAMESPACE = 0x52n;
const NAMESPACE_SHIFT = 56n;
const BAND_SHIFT = 32n;

/**
 * Keys of the advisory locks that make reports which may link wait for each other, ascending.
 *
 * Two reports link only when the circles of their reaches touch, so the touching point lies in both circles,
 * and in exactly one cell. Each report locks every cell that the box around its circle enters, which `halfBox` makes
 * larger than the circle: both lock that one. Cells are an order of magnitude wider than circles, so that usually one
 * is locked, and seldom more than four.
 *
 * A report that knows only its area links only with others at exactly the same centre, and locks its cell.
 */
export function reportLocks(
  place: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>,
): readonly bigint[] {
  const { lat, lon } = place;
  const half = halfBox(lat, reachM(place));
  const keys: bigint[] = [];
  for (let band = bandOf(lat - half.lat); band <= bandOf(lat + half.lat); band += 1) {
    const columns = columnsOf(band);
    const first = columnOf(lon - half.lon, columns);
    // Around a pole the box is wider than the whole circle of longitudes.
    const last = Math.min(columnOf(lon + half.lon, columns), first + columns - 1);
    for (let column = first; column <= last; column += 1) keys.push(lockKey(band, modulo(column, columns)));
  }
  return keys.toSorted((a, b) => (a < b ? -1 : 1));
}

function bandOf(lat: number): number {
  return Math.min(BANDS - 1, Math.max(0, Math.floor((lat + 90) / BAND_DEGREES)));
}

/** Into how many cells a band is cut: about as wide as high. */
function columnsOf(band: number): number {
  const middle = (band + 0.5) * BAND_DEGREES - 90;
  return Math.ceil((360 / BAND_DEGREES) * Math.cos((middle * Math.PI) / 180));
}

/** Counted on over the antimeridian. */
function columnOf(lon: number, columns: number): number {
  return Math.floor(((lon + 180) / 360) * columns);
}

function modulo(column: number, columns: number): number {
  return ((column % columns) + columns) % columns;
}

function lockKey(band: number, column: number): bigint {
  return (NAMESPACE << NAMESPACE_SHIFT) | (BigInt(band) << BAND_SHIFT) | BigInt(column);
}
