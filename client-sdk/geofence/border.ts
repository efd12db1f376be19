/** Mean radius of the Earth in metres (IUGG). */
export const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** A closed line of `[lon, lat]` in WGS84 degrees, as GeoJSON has it; the first point may be said again at the end. */
export type Ring = readonly (readonly [lon: number, lat: number])[];

/** Polygons, each an outer ring and its holes: the coordinates of a GeoJSON MultiPolygon. */
export type Polygons = readonly (readonly Ring[])[];

/**
 * Metres from a position to the nearest border of the polygons: negative within them, infinite where there are none.
 * Computed in the plane that touches the Earth at the position, which is exact enough for the few kilometres in
 * which the number matters. The sign is that of straight lines in degrees, which is how GeoJSON draws borders; a border may
 * cross the antimeridian.
 */
export function metresToBorder(polygons: Polygons, lat: number, lon: number): number {
  let nearest = Infinity;
  let isWithin = false;
  for (const rings of polygons) {
    let crossings = 0;
    for (const ring of rings) {
      const points = ring.map((point) => inPlane(point, lat, lon));
      points.forEach((to, index) => {
        const from = points.at(index - 1)!;
        nearest = Math.min(nearest, distanceToSegment(from, to));
        if (crossesEastward(from, to)) crossings += 1;
      });
    }
    if (crossings % 2 === 1) isWithin = true;
  }
  return isWithin ? -nearest : nearest;
}

interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/** Metres east and north of the position at `lat`, `lon`. */
function inPlane([pointLon, pointLat]: readonly [number, number], lat: number, lon: number): PlanePoint {
  const eastDegrees = ((pointLon - lon + 540) % 360) - 180;
  return {
    x: eastDegrees * RADIANS * Math.cos(lat * RADIANS) * EARTH_RADIUS_M,
    y: (pointLat - lat) * RADIANS * EARTH_RADIUS_M,
  };
}

/** Metres from the origin to the segment. */
function distanceToSegment(from: PlanePoint, to: PlanePoint): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : -(from.x * dx + from.y * dy) / lengthSquared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(from.x + t * dx, from.y + t * dy);
}

/** Whether the ray from the origin to the east crosses the segment; of its ends only the lower one belongs to it. */
function crossesEastward(from: PlanePoint, to: PlanePoint): boolean {
  if (from.y > 0 === to.y > 0) return false;
  return from.x - (from.y * (to.x - from.x)) / (to.y - from.y) > 0;
}
