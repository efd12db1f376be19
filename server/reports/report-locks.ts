import { boxAround, reachM } from './linking.ts';
import type { ReportPlace } from './report.ts';
import { tilesOf } from './tiles.ts';

/** Top byte of this feature's advisory keys, so that they meet no other's; the rest is the number of a tile. */
const NAMESPACE = 0x52n << 56n;

/**
 * Keys of the advisory locks that make reports which may link wait for each other, ascending.
 *
 * Two reports link only when the circles of their reaches touch, so the touching point lies in both circles,
 * and in exactly one tile. Each report locks every tile that the box around its circle enters, which is
 * larger than the circle: both lock that one. Tiles are an order of magnitude wider than most circles, so that usually one
 * is locked, and seldom more than four.
 *
 * A report that knows only its area links only with others at exactly the same centre, and locks its tile.
 */
export function reportLocks(
  place: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>,
): readonly bigint[] {
  return tilesOf(boxAround(place, reachM(place))).map((tile) => NAMESPACE | BigInt(tile));
}
