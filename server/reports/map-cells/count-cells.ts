import { cellToLatLng } from 'h3-js';
import type { MapCells } from '@halo/shapes/protocol/map-cells.ts';
import { cellOf } from '../../areas/cells.ts';

/** A public place, and how many incidents have it. */
export interface CountedPlace {
  readonly lat: number;
  readonly lon: number;
  readonly count: number;
}

/** Adds places up by the cells of a resolution that they lie in; in the order of the cells' names. */
export function countCells(places: readonly CountedPlace[], resolution: number): MapCells['cells'] {
  const counts = new Map<string, number>();
  for (const { lat, lon, count } of places) {
    const cell = cellOf(lat, lon, resolution);
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([cell, count]) => {
      const [lat, lon] = cellToLatLng(cell);
      return { cell, lat, lon, count };
    });
}
