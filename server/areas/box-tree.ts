/** Boxes, or nodes, that one node of the next level covers. */
const FAN_OUT = 16;

/**
 * A static tree over boxes, in the order given: each node covers the next sixteen, so neighbours in that order should be
 * neighbours on the map. Flat arrays, no more than a fifteenth larger than the boxes.
 */
export class BoxTree {
  /** Boxes of each level as west, south, east, north, …: the given ones first, the root last. */
  readonly #levels: Float64Array[];

  /** @param boxes west, south, east, north of each, one after the other. */
  constructor(boxes: Float64Array) {
    this.#levels = [boxes];
    for (let level = boxes; level.length > 4;) {
      level = covering(level);
      this.#levels.push(level);
    }
  }

  /** Calls `visit` with the number of each box that the line from `west` to `east` at latitude `lat` touches. */
  search(west: number, east: number, lat: number, visit: (box: number) => void): void {
    const top = this.#levels.length - 1;
    if (this.#levels[top]!.length > 0) this.#walk(top, 0, 1, west, east, lat, visit);
  }

  #walk(
    depth: number,
    from: number,
    to: number,
    west: number,
    east: number,
    lat: number,
    visit: (box: number) => void,
  ): void {
    const boxes = this.#levels[depth]!;
    const count = boxes.length >> 2;
    for (let node = from; node < to && node < count; node += 1) {
      const at = node << 2;
      if (boxes[at + 1]! > lat || boxes[at + 3]! < lat || boxes[at]! > east || boxes[at + 2]! < west)
        continue;
      if (depth === 0) visit(node);
      else this.#walk(depth - 1, node * FAN_OUT, (node + 1) * FAN_OUT, west, east, lat, visit);
    }
  }
}

function covering(level: Float64Array): Float64Array {
  const count = level.length >> 2;
  const above = new Float64Array(Math.ceil(count / FAN_OUT) * 4);
  for (let node = 0; node < count; node += 1) {
    const [from, to] = [node << 2, Math.floor(node / FAN_OUT) << 2];
    const isFirst = node % FAN_OUT === 0;
    above[to] = isFirst ? level[from]! : Math.min(above[to]!, level[from]!);
    above[to + 1] = isFirst ? level[from + 1]! : Math.min(above[to + 1]!, level[from + 1]!);
    above[to + 2] = isFirst ? level[from + 2]! : Math.max(above[to + 2]!, level[from + 2]!);
    above[to + 3] = isFirst ? level[from + 3]! : Math.max(above[to + 3]!, level[from + 3]!);
  }
  return above;
}
