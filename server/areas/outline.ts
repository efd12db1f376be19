/** Positions as longitude, latitude, longitude, …; the last is the first again. */
export type Ring = Float64Array;
/** The parts of an area. Each is a ring and the holes in it. WGS84 degrees. */
export type Outline = readonly (readonly Ring[])[];

/** The least box that holds something, in degrees. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** The box of an outline, of all its rings: not every file keeps holes within the ring around them. */
export function boxOf(outline: Outline): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of outline.flat()) {
    for (const [lon, lat] of positionsOf(ring)) {
      [west, south, east, north] = [
        Math.min(west, lon),
        Math.min(south, lat),
        Math.max(east, lon),
        Math.max(north, lat),
      ];
    }
  }
  return { west, south, east, north };
}

/** The positions of a ring, one after the other. */
export function* positionsOf(ring: Ring): Generator<[lon: number, lat: number]> {
  for (let at = 0; at + 1 < ring.length; at += 2) yield [ring[at]!, ring[at + 1]!];
}

/** An outline as GeoJSON (RFC 7946). */
export function toGeoJson(outline: Outline): GeoJsonOutline {
  const parts = outline.map((rings) => rings.map((ring) => [...positionsOf(ring)]));
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0
    ? { type: 'Polygon', coordinates: only }
    : { type: 'MultiPolygon', coordinates: parts };
}

type Positions = [lon: number, lat: number][];
/** The geometries that areas have. */
export type GeoJsonOutline =
  | { readonly type: 'Polygon'; readonly coordinates: Positions[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: Positions[][] };

/**
 * A point that stands for an area: the centroid of its largest part, holes taken off, where that lies inside, and else
 * the middle of the widest stretch that the part has half way up. To six decimals, some 10 cm.
 */
export function centreOf(outline: Outline): { lat: number; lon: number } {
  const largest = outline
    .map((rings) => ({ rings, ...momentsOf(rings) }))
    .reduce((best, part) => (part.area > best.area ? part : best));
  const crossings = crossingsAt(largest.rings, largest.lat);
  const isInside = crossings.filter((lon) => lon > largest.lon).length % 2 === 1;
  const { lat, lon } = isInside ? largest : middleOf(largest.rings);
  return { lat: round(lat), lon: round(lon) };
}

/** Area (degrees squared, not negative) and centroid of a part: the outer ring's less the holes'. */
function momentsOf(rings: readonly Ring[]): { area: number; lat: number; lon: number } {
  let [area, lonSum, latSum] = [0, 0, 0];
  // Sums are taken from the first position on: far from the origin the products would cancel digits out.
  const [lon0, lat0] = [rings[0]?.[0] ?? 0, rings[0]?.[1] ?? 0];
  for (const [index, ring] of rings.entries()) {
    let [twice, lons, lats] = [0, 0, 0];
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [x1, y1] = [ring[at]! - lon0, ring[at + 1]! - lat0];
      const [x2, y2] = [ring[at + 2]! - lon0, ring[at + 3]! - lat0];
      const cross = x1 * y2 - x2 * y1;
      [twice, lons, lats] = [twice + cross, lons + (x1 + x2) * cross, lats + (y1 + y2) * cross];
    }
    // Which way round a ring goes says nothing here; whether it is a hole does.
    const sign = (twice < 0 ? -1 : 1) * (index === 0 ? 1 : -1);
    [area, lonSum, latSum] = [area + sign * twice, lonSum + sign * lons, latSum + sign * lats];
  }
  if (area <= 0) return { area: 0, lat: lat0, lon: lon0 };
  return { area: area / 2, lat: lat0 + latSum / (3 * area), lon: lon0 + lonSum / (3 * area) };
}

function middleOf(rings: readonly Ring[]): { lat: number; lon: number } {
  const { south, north } = boxOf([rings]);
  const lat = (south + north) / 2;
  const crossings = crossingsAt(rings, lat);
  let widest: readonly [from: number, to: number] = [crossings[0] ?? 0, crossings[1] ?? crossings[0] ?? 0];
  for (let at = 2; at + 1 < crossings.length; at += 2) {
    const [from, to] = [crossings[at]!, crossings[at + 1]!];
    if (to - from > widest[1] - widest[0]) widest = [from, to];
  }
  return { lat, lon: (widest[0] + widest[1]) / 2 };
}

/** Longitudes at which rings cross a latitude, from west to east. */
function crossingsAt(rings: readonly Ring[], lat: number): number[] {
  const found: number[] = [];
  for (const ring of rings) {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [x1, y1, x2, y2] = [ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!];
      if (y1 > lat !== y2 > lat) found.push(x1 + ((x2 - x1) * (lat - y1)) / (y2 - y1));
    }
  }
  return found.sort((a, b) => a - b);
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
