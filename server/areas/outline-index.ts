import { BoxTree } from './box-tree.ts';
import { boxOf } from './outline.ts';
import type { Box, Outline } from './outline.ts';
import { PartEdges } from './part-edges.ts';

/** One part of an area's outline. */
interface Part {
  readonly area: number;
  readonly box: Box;
  readonly edges: PartEdges;
}

/**
 * Finds the area that holds a point among outlines of one kind, which should not overlap. Where they do, as generalised
 * ones may along their borders, the first of the areas given holds the point. Built once, pure, and never changed.
 */
export class OutlineIndex {
  readonly #parts: readonly Part[];
  readonly #tree: BoxTree;
  #lat = 0;
  #lon = 0;
  #best = Infinity;

  /** @param outlines of the areas, which are known by their numbers in this list. */
  constructor(outlines: readonly Outline[]) {
    const parts = outlines.flatMap((outline, area) =>
      outline.map((rings): Part => ({ area, box: boxOf([rings]), edges: new PartEdges(rings) })),
    );
    this.#parts = inTiles(parts);
    this.#tree = new BoxTree(
      Float64Array.from(this.#parts.flatMap(({ box }) => [box.west, box.south, box.east, box.north])),
    );
  }

  /** The number of the area that holds the point; undefined when none does. */
  find(lat: number, lon: number): number | undefined {
    this.#lat = lat;
    this.#lon = lon;
    this.#best = Infinity;
    this.#tree.search(lon, lon, lat, this.#ask);
    return this.#best === Infinity ? undefined : this.#best;
  }

  readonly #ask = (number: number): void => {
    const { area, edges } = this.#parts[number]!;
    if (area < this.#best && edges.holds(this.#lat, this.#lon)) this.#best = area;
  };
}

/** Parts in strips from west to east, each from south to north, so that those that follow each other are close. */
function inTiles(parts: readonly Part[]): readonly Part[] {
  const byLon = parts.toSorted((a, b) => a.box.west + a.box.east - (b.box.west + b.box.east));
  const stripLength = Math.max(1, Math.ceil(Math.sqrt(parts.length) * 4));
  const tiled: Part[] = [];
  for (let from = 0; from < byLon.length; from += stripLength) {
    const strip = byLon.slice(from, from + stripLength);
    tiled.push(...strip.toSorted((a, b) => a.box.south + a.box.north - (b.box.south + b.box.north)));
  }
  return tiled;
}
