import type { Outline, Ring } from '../outline.ts';
import { areaFault } from './area-fault.ts';
import type { FeaturePlace } from './area-fault.ts';

const GEOMETRY_HINT =
  'Give a Polygon or a MultiPolygon: rings of [longitude, latitude] in WGS84 degrees, whose last position is the first again.';
const DEGREES_HINT =
  'Coordinates are [longitude, latitude] in WGS84 degrees (EPSG:4326); convert those of another system, such as SWEREF 99.';
const ANTIMERIDIAN_HINT =
  'Cut the polygon at the antimeridian into two parts of a MultiPolygon (RFC 7946, section 3.1.9).';
/** An edge that spans more of the globe than this goes round the other side of it. */
const MAX_EDGE_DEGREES = 180;

/**
 * The outline that a GeoJSON geometry says.
 *
 * @throws HaloError `areas_invalid`
 */
export function readGeometry(geometry: unknown, place: FeaturePlace): Outline {
  const { type, coordinates } = isObject(geometry) ? geometry : {};
  if (type === 'Polygon') return [readPart(coordinates, place)];
  if (type === 'MultiPolygon')
    return listOf(coordinates, 'parts', place).map((part) => readPart(part, place));
  const what = typeof type === 'string' ? `a geometry of type ${type} has no area` : 'it has no geometry';
  throw areaFault(place, what, GEOMETRY_HINT);
}

/** How many positions an outline has. */
export function countPositions(outline: Outline): number {
  return outline.flat().reduce((sum, ring) => sum + ring.length / 2, 0);
}

function readPart(rings: unknown, place: FeaturePlace): readonly Ring[] {
  return listOf(rings, 'rings', place).map((ring) => readRing(ring, place));
}

function readRing(positions: unknown, place: FeaturePlace): Ring {
  const list = listOf(positions, 'positions', place);
  if (list.length < 4) throw areaFault(place, 'a ring has fewer than four positions', GEOMETRY_HINT);
  const ring = new Float64Array(list.length * 2);
  for (const [index, position] of list.entries()) {
    const [lon, lat] = readPosition(position, place);
    if (index > 0 && Math.abs(lon - ring[index * 2 - 2]!) > MAX_EDGE_DEGREES) {
      const what = `an edge runs from longitude ${ring[index * 2 - 2]} to ${lon}, over the antimeridian`;
      throw areaFault(place, what, ANTIMERIDIAN_HINT);
    }
    ring.set([lon, lat], index * 2);
  }
  if (ring[0] !== ring.at(-2) || ring[1] !== ring.at(-1))
    throw areaFault(place, 'a ring does not end where it begins', GEOMETRY_HINT);
  return ring;
}

function readPosition(position: unknown, place: FeaturePlace): [lon: number, lat: number] {
  const [lon, lat] = Array.isArray(position) ? (position as unknown[]) : [];
  if (typeof lon !== 'number' || typeof lat !== 'number')
    throw areaFault(place, 'a position is not two numbers', GEOMETRY_HINT);
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90)
    throw areaFault(place, `the position [${lon}, ${lat}] is not on the globe`, DEGREES_HINT);
  return [lon, lat];
}

function listOf(value: unknown, what: string, place: FeaturePlace): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value as unknown[];
  throw areaFault(place, `its geometry has no list of ${what}`, GEOMETRY_HINT);
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
