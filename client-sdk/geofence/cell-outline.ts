import { cellToBoundary, isValidCell } from 'h3-js';
import type { Polygons } from './border.ts';

/** The outline of an H3 cell; undefined where the text names none. */
export function cellOutline(cell: string): Polygons | undefined {
  if (!isValidCell(cell)) return undefined;
  return [[cellToBoundary(cell).map(([lat, lon]) => [lon, lat] as const)]];
}
