import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Position } from 'geojson';
import { feature, quantize } from 'topojson-client';
import { filter, presimplify, simplify, sphericalTriangleArea } from 'topojson-simplify';
import type { Triangle } from 'topojson-simplify';
import type { MultiPolygon, Polygon, Topology, Transform } from 'topojson-specification';
import type { Plugin } from 'vite';

const MODULE = 'virtual:land-outlines';
/** ISO 3166-1 numeric codes of Sweden and of what is seen around it. */
const SWEDEN = '752';
const SHOWN = new Set([SWEDEN, '578', '246', '208', '276', '616', '440', '428', '233', '643', '248']);
/** Land that is kept in detail, in degrees; outside of it only the great bends are. */
const BOX = { west: 5, south: 52, east: 30, north: 72 };
/** Bends smaller than this are dropped: what half a pixel shows at the deepest zoom of a region. */
const SMALLEST_BEND_KM2 = 0.1;
/**
 * How much less a bend outside of the box counts. Not nothing: a country without its far coast is closed by a straight
 * line, which runs across the Baltic.
 */
const FAR_WEIGHT = 1e-4;
const EARTH_RADIUS_KM = 6371;
/** The grid that points are rounded to, in degrees: about 100 m. */
const GRID: Transform = { scale: [0.001, 0.001], translate: [0, 0] };

type Properties = Record<string, unknown>;
type Country<P extends Properties> = Polygon<P> | MultiPolygon<P>;
type Countries<P extends Properties> = Topology<{
  countries: { type: 'GeometryCollection'; geometries: Country<P>[] };
}>;

/**
 * Gives the map its land: the outlines of Sweden and its neighbours out of Natural Earth (public domain), as
 * the package `world-atlas` has them, cut down when the app is built. They stay a topology (shared borders
 * once, points as differences), less than half of the same as GeoJSON.
 */
export function landOutlines(): Plugin {
  return {
    name: 'land-outlines',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) => (id === `\0${MODULE}` ? moduleText() : undefined),
  };
}

function moduleText(): string {
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(outlines()))});`;
}

/** The outlines, as the map gets them. */
export function outlines(): Topology {
  const shown = shownCountries(unrolled(readAtlas()));
  const bent = simplify(presimplify(shown, weight), SMALLEST_BEND_KM2 / EARTH_RADIUS_KM ** 2);
  const near = filter(bent, (ring) => pointsOf(bent, ring).some(inBox));
  return quantize(near, GRID);
}

function readAtlas(): Countries<Properties> {
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Countries<Properties>;
}

/** Places west of this, in degrees, are counted on from the east: only the far end of Russia lies there. */
const WEST_OF_ALL = -100;

/** Russia in one piece: drawn flat, its outline would jump from one side of the world to the other across Lapland. */
function unrolled(atlas: Countries<Properties>): Countries<Properties> {
  const { transform, arcs: stored, ...rest } = atlas;
  const [scaleX = 1, scaleY = 1] = transform?.scale ?? [];
  const [west = 0, south = 0] = transform?.translate ?? [];
  const arcs = stored.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx = 0, dy = 0]) => {
      [x, y] = transform === undefined ? [dx, dy] : [x + dx, y + dy];
      const lon = x * scaleX + west;
      return [lon < WEST_OF_ALL ? lon + 360 : lon, y * scaleY + south];
    });
  });
  return { ...rest, arcs };
}

function shownCountries(atlas: Countries<Properties>): Countries<{ sweden: boolean }> {
  const { countries } = atlas.objects;
  const geometries = countries.geometries
    .filter(({ id }) => SHOWN.has(String(id)))
    .map((country) => ({ ...country, properties: { sweden: String(country.id) === SWEDEN } }));
  return { ...atlas, objects: { countries: { ...countries, geometries } } };
}

const weight = (triangle: Triangle) =>
  sphericalTriangleArea(triangle) * (triangle.some(inBox) ? 1 : FAR_WEIGHT);

/** The points of a ring, which the library gives as numbers of arcs, whatever its types say. */
function pointsOf(topology: Topology, ring: unknown): Position[] {
  const polygon = feature(topology, { type: 'Polygon', arcs: [ring as number[]] }).geometry;
  return polygon.type === 'Polygon' ? (polygon.coordinates[0] ?? []) : [];
}

const inBox = ([lon = NaN, lat = NaN]: Position) =>
  lon >= BOX.west && lon <= BOX.east && lat >= BOX.south && lat <= BOX.north;
