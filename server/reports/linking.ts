import { greatCircleDistance, UNITS } from 'h3-js';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { ReportPlace } from './report.ts';

/** Two points this far apart may be one event though both fixes were perfect, in metres. */
export const BASE_DISTANCE_M = 150;
/** A fix worse than this widens the search no further: it says too little to link by, in metres. */
export const MAX_ACCURACY_M = 200;
/** Two point reports of one event differ by at most this in time, in milliseconds. */
export const LINK_WINDOW_MS = 60 * 60_000;
/** The farthest that a report reaches, in metres: see `reachM`. */
export const MAX_REACH_M = BASE_DISTANCE_M / 2 + MAX_ACCURACY_M;

/** Less than the length of a degree of latitude anywhere, in metres: boxes come out too large, never too small. */
const LEAST_METRES_PER_DEGREE = 110_000;

/** What linking looks at in a report. */
export interface Linkable {
  readonly id: string;
  readonly type: IncidentType;
  readonly occurredAt: Date;
  readonly place: ReportPlace;
}

/**
 * Half of what a report adds to the distance at which it links, in metres: two points link when their
 * reaches touch. Zero where only an area is known, since its centre is no position.
 */
export function reachM(place: Pick<ReportPlace, 'precision' | 'accuracyM'>): number {
  if (place.precision !== 'point') return 0;
  return BASE_DISTANCE_M / 2 + Math.min(place.accuracyM ?? 0, MAX_ACCURACY_M);
}

/**
 * Whether two reports describe one event. Symmetric, and a matter of these two alone, so that the connected
 * groups are the same whatever order reports arrive in. Types must be equal.
 *
 * - Two points: their reaches touch, and they are within `LINK_WINDOW_MS`.
 * - Two areas: the same area and the same instant. An area is too wide for nearness to mean anything; what
 *   agrees to the minute is one announcement published twice under different ids.
 * - A point and an area: never. The area's centre is no position, and whether a point inside the area is
 *   that event depends on what else happened there: no relation of these two alone.
 */
export function linked(a: Linkable, b: Linkable): boolean {
  if (a.type !== b.type) return false;
  const apartMs = Math.abs(a.occurredAt.getTime() - b.occurredAt.getTime());
  if (a.place.precision !== 'point' || b.place.precision !== 'point')
    return apartMs === 0 && sameArea(a.place, b.place);
  if (apartMs > LINK_WINDOW_MS) return false;
  const withinM = reachM(a.place) + reachM(b.place);
  // The difference in latitude alone is a lower bound of the distance, and costs no trigonometry.
  if (Math.abs(a.place.lat - b.place.lat) * LEAST_METRES_PER_DEGREE > withinM) return false;
  return distanceM(a.place, b.place) <= withinM;
}

function sameArea(a: ReportPlace, b: ReportPlace): boolean {
  return (
    a.precision === b.precision &&
    a.precision !== 'point' &&
    a.region === b.region &&
    a.municipality === b.municipality &&
    a.lat === b.lat &&
    a.lon === b.lon
  );
}

/**
 * The distance with its arguments in one order whoever asks: the formula's last bit may differ when they are
 * swapped, and the relation must not.
 */
function distanceM(a: ReportPlace, b: ReportPlace): number {
  const [first, second] = a.lat < b.lat || (a.lat === b.lat && a.lon <= b.lon) ? [a, b] : [b, a];
  return greatCircleDistance([first.lat, first.lon], [second.lat, second.lon], UNITS.m);
}

/** Bounds in space and time outside of which nothing links with a report. */
export interface LinkBounds {
  readonly minLat: number;
  readonly maxLat: number;
  readonly minLon: number;
  readonly maxLon: number;
  readonly from: Date;
  readonly to: Date;
}

/**
 * Where to look for what a report may link with: a superset, for an index. At a pole or over the
 * antimeridian it is the whole circle of longitudes.
 */
export function linkBounds({ occurredAt, place }: Pick<Linkable, 'occurredAt' | 'place'>): LinkBounds {
  const at = occurredAt.getTime();
  const { lat, lon } = place;
  if (place.precision !== 'point')
    return { minLat: lat, maxLat: lat, minLon: lon, maxLon: lon, from: occurredAt, to: occurredAt };
  const half = halfBox(lat, reachM(place) + MAX_REACH_M);
  const wraps = lon - half.lon < -180 || lon + half.lon > 180;
  return {
    minLat: lat - half.lat,
    maxLat: lat + half.lat,
    minLon: wraps ? -180 : lon - half.lon,
    maxLon: wraps ? 180 : lon + half.lon,
    from: new Date(at - LINK_WINDOW_MS),
    to: new Date(at + LINK_WINDOW_MS),
  };
}

/**
 * Half the height and the width, in degrees, of a box around a point that holds a circle of so many metres, with a
 * hundredth to spare. Where the circle reaches a pole it is wider than the whole circle of longitudes.
 */
export function halfBox(lat: number, metres: number): { readonly lat: number; readonly lon: number } {
  const degrees = metres / LEAST_METRES_PER_DEGREE;
  const farthestLat = Math.min(90, Math.abs(lat) + degrees);
  return { lat: degrees, lon: degrees / Math.max(Math.cos((farthestLat * Math.PI) / 180), 1e-9) };
}
