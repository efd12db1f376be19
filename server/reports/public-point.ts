import { cellToLatLng } from 'h3-js';
import { cellOf } from '../areas/cells.ts';

/** Resolution of the H3 cells that public locations are snapped to: edges of about 200 m. */
export const PUBLIC_RESOLUTION = 9;

/** How far a cell's corners are from its centre at most, in metres. */
export const PUBLIC_RADIUS_M = 260;

/** What everybody may know of a position: the centre of its cell. */
export function publicPoint({ lat, lon }: { readonly lat: number; readonly lon: number }): {
  readonly lat: number;
  readonly lon: number;
} {
  const [cellLat, cellLon] = cellToLatLng(cellOf(lat, lon, PUBLIC_RESOLUTION));
  return { lat: cellLat, lon: cellLon };
}
