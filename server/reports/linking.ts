import { greatCircleDistance, UNITS } from 'h3-js';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { compatible, compatibleTypes } from './neighbouring-types.ts';
import type { ReportPlace } from './report.ts';
import { piecesOf, textSimilarity } from './text-similarity.ts';
import type { TextPieces } from './text-similarity.ts';
import type { Box } from './tiles.ts';

/** How far from an event those who report it stand, in metres: one standard deviation along each axis. */
const STAND_OFF_M = 45;
/** A device's accuracy is the radius that holds it in two of three cases, which for a round Gaussian is 1.515 σ. */
const ACCURACY_SIGMAS = 1.515;
/** A fix worse than this widens the search no further, in metres. */
export const MAX_ACCURACY_M = 500;
/** Beyond so many standard deviations the distance alone says that these are two events. */
const MAX_SIGMAS = 3;
/** The strangers that links are told apart from are spread over a circle of this radius, in metres, … */
const STRANGERS_M = 1_000;
/** … and over this much time to either side, in milliseconds; no two reports of one event are further apart. */
export const LINK_WINDOW_MS = 2 * 60 * 60_000;
/** Mean error of the times that people give, in milliseconds. */
const TIME_ERROR_MS = 15 * 60_000;
/** What an equal type says: two of three reports of an event agree, of strangers one in nine. */
const EQUAL_TYPE_BITS = 2.6;
/** What a neighbouring type says: it is no likelier for one event than for two. */
const NEIGHBOURING_TYPE_BITS = -0.5;
/** What texts say at most, and from where on they say anything. */
const TEXT_BITS = 3;
const LEAST_SIMILARITY = 0.2;
const MOST_SIMILARITY = 0.6;
/** How sure it must be, against how much rarer one event is than two among reports so near. */
const THRESHOLD_BITS = 8;

/** The farthest that a report reaches, in metres: see `reachM`. */
export const MAX_REACH_M = reachOf(MAX_ACCURACY_M);

/** Less than the length of a degree of latitude anywhere, in metres: boxes come out too large, never too small. */
const LEAST_METRES_PER_DEGREE = 110_000;

/** What linking looks at in a report. */
export interface Linkable {
  readonly id: string;
  readonly type: IncidentType;
  readonly occurredAt: Date;
  readonly place: ReportPlace;
  /** What its author wrote, or the beginning of it. */
  readonly description: string;
  /** The hand-made group that an officer put it in; see `groupReports`. Null where only the machine speaks. */
  readonly pin: string | null;
  /** The register that it is an entry of, if it is one. */
  readonly register: string | null;
  /** What it was one incident with when one of them was forgotten, by a name that they share; see `groupReports`. */
  readonly held?: string | null;
  /** Its author has been forgotten, and with him where exactly it was: it links with nothing, and goes with what it is held with. */
  readonly forgotten?: boolean;
}

/**
 * Half of what a report adds to the distance at which it links, in metres: two points link only when their
 * reaches touch. Zero where only an area is known, since its centre is no position.
 */
export function reachM({ precision, accuracyM }: Pick<ReportPlace, 'precision' | 'accuracyM'>): number {
  return precision === 'point' ? reachOf(accuracyM ?? 0) : 0;
}

function reachOf(accuracyM: number): number {
  // √(x² + y²) ≤ x + y: two reaches together are no shorter than the limit of the two.
  return MAX_SIGMAS * Math.sqrt(STAND_OFF_M ** 2 / 2 + errorM(accuracyM) ** 2);
}

/** Standard deviation of a fix along each axis, in metres. */
function errorM(accuracyM: number): number {
  return Math.min(accuracyM, MAX_ACCURACY_M) / ACCURACY_SIGMAS;
}

/**
 * How surely two reports describe one event, in bits above what is asked; undefined where they do not link. Symmetric, and
 * a matter of these two alone, so that groups are the same whatever order reports arrive in.
 *
 * - Two points: the sum of what their distance, times, types and words say, each as the logarithm of how much likelier it is
 *   of one event than of two (Fellegi and Sunter, A Theory for Record Linkage, JASA 64, 1969). Of one event, positions differ
 *   by a Gaussian of both accuracies and of where people stand, times by an exponential; of two, both are spread evenly. Types
 *   that exclude each other never link.
 * - Two areas: the same area, type and instant. An area is too wide for nearness to mean anything; what
 *   agrees to the minute is one announcement published twice under different ids.
 * - Two entries of one register: never. Who keeps it gave them two numbers because they are two events.
 * - What is forgotten and anything: never. Its place was made coarse, and would part it from what it was one with and join it with
 *   strangers.
 * - A point and an area: never. The area's centre is no position, and whether a point inside the area is
 *   that event depends on what else happened there: no relation of these two alone.
 */
export function evidenceOf(a: Linkable, b: Linkable): number | undefined {
  if (a.forgotten === true || b.forgotten === true) return undefined;
  if (a.register !== null && a.register === b.register) return undefined;
  const apartMs = Math.abs(a.occurredAt.getTime() - b.occurredAt.getTime());
  if (a.place.precision !== 'point' || b.place.precision !== 'point')
    return apartMs === 0 && a.type === b.type && sameArea(a.place, b.place) ? THRESHOLD_BITS : undefined;
  if (apartMs > LINK_WINDOW_MS || !compatible(a.type, b.type)) return undefined;
  const [errorA, errorB] = [errorM(a.place.accuracyM ?? 0), errorM(b.place.accuracyM ?? 0)];
  // In this order the sum is the same to the last bit whoever is first.
  const variance = errorA ** 2 + errorB ** 2 + STAND_OFF_M ** 2;
  const limitM = MAX_SIGMAS * Math.sqrt(variance);
  // The difference in latitude alone is a lower bound of the distance, and costs no trigonometry.
  if (Math.abs(a.place.lat - b.place.lat) * LEAST_METRES_PER_DEGREE > limitM) return undefined;
  const apartM = distanceM(a.place, b.place);
  if (apartM > limitM) return undefined;
  const bits =
    Math.log2(STRANGERS_M ** 2 / (2 * variance)) -
    (apartM ** 2 / (2 * variance)) * Math.LOG2E +
    Math.log2(LINK_WINDOW_MS / TIME_ERROR_MS) -
    (apartMs / TIME_ERROR_MS) * Math.LOG2E +
    (a.type === b.type ? EQUAL_TYPE_BITS : NEIGHBOURING_TYPE_BITS) -
    THRESHOLD_BITS;
  if (bits < -TEXT_BITS) return undefined;
  const total = bits + textBits(a, b);
  return total >= 0 ? total : undefined;
}

/** Whether two reports describe one event, as far as the two alone tell. */
export function linked(a: Linkable, b: Linkable): boolean {
  return evidenceOf(a, b) !== undefined;
}

/** Other words are no evidence of another event: everybody has his own. */
function textBits(a: Linkable, b: Linkable): number {
  const similarity = textSimilarity(cachedPieces(a), cachedPieces(b)) ?? 0;
  const part = (similarity - LEAST_SIMILARITY) / (MOST_SIMILARITY - LEAST_SIMILARITY);
  return TEXT_BITS * Math.min(1, Math.max(0, part));
}

/** Each report is compared with many. */
const pieces = new WeakMap<Linkable, TextPieces>();

function cachedPieces(report: Linkable): TextPieces {
  const known = pieces.get(report);
  if (known !== undefined) return known;
  const made = piecesOf(report.description);
  pieces.set(report, made);
  return made;
}

function sameArea(a: ReportPlace, b: ReportPlace): boolean {
  return (
    a.precision === b.precision &&
    a.precision !== 'point' &&
    a.region === b.region &&
    a.municipality === b.municipality &&
    a.district === b.district &&
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

/** Bounds in space, time and type outside of which nothing links with a report. */
export interface LinkBounds extends Box {
  readonly from: Date;
  readonly to: Date;
  readonly types: readonly IncidentType[];
}

/**
 * Where to look for what a report may link with: a superset, for an index. Over the antimeridian its longitudes go on
 * beyond ±180.
 */
export function linkBounds({
  type,
  occurredAt,
  place,
}: Pick<Linkable, 'type' | 'occurredAt' | 'place'>): LinkBounds {
  const at = occurredAt.getTime();
  if (place.precision !== 'point')
    return { ...boxAround(place, 0), from: occurredAt, to: occurredAt, types: [type] };
  return {
    ...boxAround(place, reachM(place) + MAX_REACH_M),
    from: new Date(at - LINK_WINDOW_MS),
    to: new Date(at + LINK_WINDOW_MS),
    types: compatibleTypes(type),
  };
}

/**
 * A box around a point that holds a circle of so many metres, with a hundredth to spare. Where the circle reaches a pole it
 * is wider than the whole circle of longitudes.
 */
export function boxAround({ lat, lon }: { readonly lat: number; readonly lon: number }, metres: number): Box {
  const degrees = metres / LEAST_METRES_PER_DEGREE;
  const farthestLat = Math.min(90, Math.abs(lat) + degrees);
  const width = degrees / Math.max(Math.cos((farthestLat * Math.PI) / 180), 1e-9);
  return { minLat: lat - degrees, maxLat: lat + degrees, minLon: lon - width, maxLon: lon + width };
}
