import fc from 'fast-check';
import { reachM } from '../../server/reports/linking.ts';
import { reportLocks } from '../../server/reports/report-locks.ts';

/** A position with its accuracy. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
  readonly accuracyM: number;
}

/** The sphere's radius in metres that h3 computes distances with. */
const EARTH_M = 6_371_007.180918475;
const RAD = Math.PI / 180;
/** Bisections until the edge of a cell is known to the last bits. */
const BISECTIONS = 60;

/** The key of the one cell that a position lies in. */
export function cellKey(at: Pick<Position, 'lat' | 'lon'>): bigint {
  const [key, ...others] = reportLocks({ ...at, accuracyM: null, precision: 'county' });
  if (key === undefined || others.length > 0) throw new Error('a position lies in one cell');
  return key;
}

/** On an edge, or so many degrees beside it: from nothing to some hundred metres. */
const beside = fc.constantFrom(0, 1e-13, -1e-13, 1e-7, -1e-7, 1e-4, -1e-4, 0.002, -0.002);
const latitude = fc
  .oneof(
    fc.double({ min: -90, max: 90, noNaN: true }),
    // Where the bands of cells meet, some of them at the poles.
    fc.integer({ min: -4_500, max: 4_500 }).map((band) => band / 50),
    fc.constantFrom(-90, -89.98, 0, 89.98, 90),
  )
  .chain((lat) => beside.map((by) => Math.max(-90, Math.min(90, lat + by))));
const longitude = fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 0, 180));
const accuracyM = fc.constantFrom(0, 5, 199.9, 500, 100_000);

/**
 * Two positions whose reaches touch, overlap or all but touch, and the point between them that lies in both reaches.
 * Many are on edges: of bands and columns of cells, at the poles and at the antimeridian.
 */
export const pairArbitrary = fc
  .record({
    lat: latitude,
    lon: longitude,
    onColumn: fc.boolean(),
    besideLon: beside,
    bearing: fc.oneof(
      fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
      fc.constantFrom(0, 0.5, 1, 1.5).map((turn) => turn * Math.PI),
    ),
    part: fc.constantFrom(0, 0.3, 0.9, 0.999_99, 1, 1.000_01),
    accuracyM,
    otherAccuracyM: accuracyM,
  })
  .map(({ lat, lon, onColumn, besideLon, bearing, part, accuracyM: ownM, otherAccuracyM }) => {
    const a = { lat, lon: turned((onColumn ? columnEdge(lat, lon) : lon) + besideLon), accuracyM: ownM };
    const [reach, otherReach] = [reachOf(ownM), reachOf(otherAccuracyM)];
    return {
      a,
      b: { ...moved(a, part * (reach + otherReach), bearing), accuracyM: otherAccuracyM },
      between: moved(a, part * reach, bearing),
    };
  });

function reachOf(accuracyM: number): number {
  return reachM({ precision: 'point', accuracyM });
}

/** The next longitude to the east where a cell of this latitude ends. */
function columnEdge(lat: number, lon: number): number {
  const here = cellKey({ lat, lon });
  let [inside, outside] = [lon, lon + 180];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (inside + outside) / 2;
    if (cellKey({ lat, lon: middle }) === here) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** The point so many metres away on the sphere, by vectors: formulas of angles lose their last digits at the poles. */
function moved({ lat, lon }: Pick<Position, 'lat' | 'lon'>, metres: number, bearing: number) {
  const angle = metres / EARTH_M;
  const [sinLat, cosLat, sinLon, cosLon] = [
    Math.sin(lat * RAD),
    Math.cos(lat * RAD),
    Math.sin(lon * RAD),
    Math.cos(lon * RAD),
  ];
  const out = Math.cos(angle) * cosLat - Math.sin(angle) * Math.cos(bearing) * sinLat;
  const east = Math.sin(angle) * Math.sin(bearing);
  const [x, y] = [out * cosLon - east * sinLon, out * sinLon + east * cosLon];
  const z = Math.cos(angle) * sinLat + Math.sin(angle) * Math.cos(bearing) * cosLat;
  return { lat: Math.atan2(z, Math.hypot(x, y)) / RAD, lon: Math.atan2(y, x) / RAD };
}

/** The same longitude between -180 and 180. */
function turned(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}
