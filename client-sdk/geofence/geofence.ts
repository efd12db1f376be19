import { metresToBorder } from './border.ts';
import type { Polygons } from './border.ts';

/** Most places that are remembered; those noticed longest ago are forgotten first. */
export const MAX_REMEMBERED_PLACES = 1_000;

/** What is forecast for one place, or for a part of it, and one window of time. Times are milliseconds since 1970. */
export interface RiskForecast {
  /** The place's cell or area code, or the id of a watched place: the same in each window. */
  readonly placeId: string;
  /** Shown in notices. */
  readonly name?: string;
  readonly polygons: Polygons;
  /** In the unit of `GeofenceRules.threshold`. */
  readonly risk: number;
  /** Of this place alone, in the place of the rules' own. */
  readonly threshold?: number;
  readonly windowStartMs: number;
  /** The window ends before this moment. */
  readonly windowEndMs: number;
  /** When the forecast should have been replaced by a newer one. */
  readonly validUntilMs: number;
}

/** Where the device is: WGS84 degrees, the radius of its uncertainty in metres, and when, by its own clock. */
export interface DevicePosition {
  readonly lat: number;
  readonly lon: number;
  readonly accuracyM: number;
  readonly atMs: number;
}

/** When to give notice. */
export interface GeofenceRules {
  /** Least risk that is worth a notice, where a place has no threshold of its own. */
  readonly threshold: number;
  /** A place gives no second notice within this time. */
  readonly coolDownMs: number;
  /** A position that is less certain than this says nothing. */
  readonly maxAccuracyM: number;
}

/** What is remembered of a place; as JSON it survives a restart of the app. */
export interface PlaceMemory {
  readonly placeId: string;
  /** The device is within it, and its risk counts. */
  readonly isWithin: boolean;
  readonly noticedAtMs: number | undefined;
}

/** Told once when the device enters a place at risk, or when the risk of the place that it is in rises so far. */
export interface RiskNotice {
  readonly placeId: string;
  /** The place's name, where it has one. */
  readonly name?: string;
  readonly risk: number;
  readonly atMs: number;
  readonly windowEndMs: number;
  /** The forecast is older than it should be: the device has not heard of a newer one. */
  readonly isStale: boolean;
}

/** What a position makes of the memory, and the notices to give. */
export interface GeofenceStep {
  readonly memory: readonly PlaceMemory[];
  readonly notices: readonly RiskNotice[];
}

/**
 * Takes one position into account. Only forecasts whose window it falls into count, so that a device that has been offline
 * for longer than they reach is silent. A place is entered when the position is within its border, and left when it is
 * outside by more than its uncertainty: positions that waver about a border are one stay. Who stays is told nothing
 * again; who comes back within the cool-down is not, either. A place may have several forecasts, each of a part of it: that of
 * the highest risk counts of those that the position is within.
 */
export function stepGeofence(
  memory: readonly PlaceMemory[],
  forecasts: readonly RiskForecast[],
  position: DevicePosition,
  rules: GeofenceRules,
): GeofenceStep {
  // Written so that an accuracy that is no number says nothing, too.
  if (!(position.accuracyM <= rules.maxAccuracyM)) return { memory, notices: [] };
  const before = new Map(memory.map((place) => [place.placeId, place]));
  const after = new Map<string, PlaceMemory>();
  const notices: RiskNotice[] = [];
  for (const forecast of worstFirst(forecasts, position.atMs, rules.threshold)) {
    const { placeId, polygons } = forecast;
    if (after.has(placeId)) continue;
    const known = before.get(placeId);
    const wasWithin = known?.isWithin === true;
    const slackM = wasWithin ? position.accuracyM : 0;
    if (metresToBorder(polygons, position.lat, position.lon) > slackM) continue;
    const silent = wasWithin || isCoolingDown(known, position.atMs, rules.coolDownMs);
    if (!silent) notices.push(noticeOf(forecast, position.atMs));
    const noticedAtMs = silent ? known?.noticedAtMs : position.atMs;
    after.set(placeId, { placeId, isWithin: true, noticedAtMs });
  }
  for (const place of memory) {
    if (after.has(place.placeId) || !isCoolingDown(place, position.atMs, rules.coolDownMs)) continue;
    after.set(place.placeId, { ...place, isWithin: false });
  }
  return { memory: bounded([...after.values()]), notices };
}

/** The forecasts that count now, where they reach the threshold: the highest first. */
function worstFirst(
  forecasts: readonly RiskForecast[],
  atMs: number,
  threshold: number,
): readonly RiskForecast[] {
  return forecasts
    .filter(({ risk, windowStartMs, windowEndMs, ...forecast }) => {
      const isHigh = risk >= (forecast.threshold ?? threshold);
      return isHigh && atMs >= windowStartMs && atMs < windowEndMs;
    })
    .toSorted((a, b) => b.risk - a.risk);
}

/** A notice from the future is from before the clock was set back: it silences nothing. */
function isCoolingDown(place: PlaceMemory | undefined, atMs: number, coolDownMs: number): boolean {
  if (place?.noticedAtMs === undefined) return false;
  const sinceMs = atMs - place.noticedAtMs;
  return sinceMs >= 0 && sinceMs < coolDownMs;
}

function noticeOf(
  { placeId, name, risk, windowEndMs, validUntilMs }: RiskForecast,
  atMs: number,
): RiskNotice {
  const notice = { placeId, risk, atMs, windowEndMs, isStale: atMs >= validUntilMs };
  return name === undefined ? notice : { ...notice, name };
}

function bounded(places: readonly PlaceMemory[]): readonly PlaceMemory[] {
  if (places.length <= MAX_REMEMBERED_PLACES) return places;
  return places
    .toSorted((a, b) => (b.noticedAtMs ?? 0) - (a.noticedAtMs ?? 0))
    .slice(0, MAX_REMEMBERED_PLACES);
}
