import { EARTH_RADIUS_M } from './border.ts';
import type { Polygons } from './border.ts';

const RADIANS = Math.PI / 180;
/** Corners of a circle: its border is then nowhere further in than 0.12 % of the radius. */
const CORNERS = 64;

/** A circle on the ground as a polygon whose corners lie on it; WGS84 degrees and metres, on a sphere. */
export function circleAround(lat: number, lon: number, radiusM: number): Polygons {
  const angle = radiusM / EARTH_RADIUS_M;
  const [sinLat, cosLat] = [Math.sin(lat * RADIANS), Math.cos(lat * RADIANS)];
  const ring = Array.from({ length: CORNERS }, (_, n): readonly [number, number] => {
    const bearing = (n * 2 * Math.PI) / CORNERS;
    const sin = sinLat * Math.cos(angle) + cosLat * Math.sin(angle) * Math.cos(bearing);
    const east = Math.atan2(Math.sin(bearing) * Math.sin(angle) * cosLat, Math.cos(angle) - sinLat * sin);
    return [lon + east / RADIANS, Math.asin(Math.min(1, Math.max(-1, sin))) / RADIANS];
  });
  return [[ring]];
}
