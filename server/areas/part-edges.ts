import { BoxTree } from './box-tree.ts';
import type { Ring } from './outline.ts';

/**
 * The edges of one part of an area, its holes' too, ready to be asked which points lie inside. By the even-odd rule: a line
 * from the point to the east crosses an odd number of edges. A point on an edge that two areas share lies in exactly one
 * of them: an edge counts from its southern end up to, but not with, its northern one, and is always reckoned from south
 * to north, so that both areas come to the same verdict about it, to the last bit.
 */
export class PartEdges {
  /** The box of each edge, which with `#leansEast` is the edge itself. */
  readonly #boxes: Float64Array;
  /** 1 where the northern end is the eastern one. */
  readonly #leansEast: Uint8Array;
  readonly #tree: BoxTree;
  #lat = 0;
  #lon = 0;
  #odd = false;

  constructor(rings: readonly Ring[]) {
    const count = rings.reduce((sum, ring) => sum + ring.length / 2 - 1, 0);
    const boxes = new Float64Array(count * 4);
    const leansEast = new Uint8Array(count);
    let edge = 0;
    for (const ring of rings) {
      for (let at = 0; at + 3 < ring.length; at += 2) {
        const [x1, y1, x2, y2] = [ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!];
        // A line to the east crosses no edge that runs east itself.
        if (y1 === y2) continue;
        boxes.set([Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)], edge * 4);
        leansEast[edge] = x1 < x2 === y1 < y2 ? 1 : 0;
        edge += 1;
      }
    }
    // Copies: a view would keep the longer arrays alive.
    this.#boxes = boxes.slice(0, edge * 4);
    this.#leansEast = leansEast.slice(0, edge);
    this.#tree = new BoxTree(this.#boxes);
  }

  /** Whether the part holds the point. */
  holds(lat: number, lon: number): boolean {
    this.#lat = lat;
    this.#lon = lon;
    this.#odd = false;
    this.#tree.search(lon, Infinity, lat, this.#cross);
    return this.#odd;
  }

  /** One function for all points: a new one for each would cost as much as the search. */
  readonly #cross = (edge: number): void => {
    const at = edge * 4;
    const south = this.#boxes[at + 1]!;
    const north = this.#boxes[at + 3]!;
    if (this.#lat < south || this.#lat >= north) return;
    const west = this.#boxes[at]!;
    const east = this.#boxes[at + 2]!;
    const leansEast = this.#leansEast[edge] === 1;
    const from = leansEast ? west : east;
    const to = leansEast ? east : west;
    if ((this.#lon - from) * (north - south) < (to - from) * (this.#lat - south)) this.#odd = !this.#odd;
  };
}
