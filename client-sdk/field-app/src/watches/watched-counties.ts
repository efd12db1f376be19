import { roughDistanceM } from '../region/areas.ts';
import type { AreaRow, Areas } from '../region/areas.ts';
import type { WatchRow } from './watch.ts';

/**
 * Most counties whose forecasts are kept for watched places: each may be 14,000 rows (500 cells in 28 windows), and a phone's
 * replica lies in memory.
 */
export const MAX_WATCHED_COUNTIES = 5;
/** A watched place is at least the cell about its middle, in metres. */
const LEAST_RADIUS_M = 250;
/**
 * Metres by which borders may lie elsewhere than halfway between two centres: a server that was given outlines goes by them, and
 * the device has none.
 */
const BORDER_DOUBT_M = 5_000;
/** The counties that shapes know: two digits. */
const COUNTY = /^\d{2}$/;

type Place = Pick<WatchRow, 'lat' | 'lon' | 'radius_m'>;

/**
 * The counties that a watched place may lie in, that of the nearest municipality first: servers without outlines go by the nearest
 * centre, too. What lies within the radius has no centre nearer that is more than two radii further from the middle.
 */
export function countiesOf({ municipalities }: Pick<Areas, 'municipalities'>, place: Place): string[] {
  const centres = municipalities
    .filter(inCounty)
    .map(({ parent_code, ...at }) => ({ county: parent_code, metres: roughDistanceM(place, at) }))
    .toSorted((a, b) => a.metres - b.metres);
  const [nearest] = centres;
  if (nearest === undefined) return [];
  const reachM = nearest.metres + 2 * (Math.max(place.radius_m, LEAST_RADIUS_M) + BORDER_DOUBT_M);
  return [...new Set(centres.filter(({ metres }) => metres <= reachM).map(({ county }) => county))];
}

/** The counties whose forecasts watched places need: those with the most places first, then those across a border near by. */
export function watchedCounties(
  areas: Pick<Areas, 'municipalities'>,
  places: readonly Place[],
): readonly string[] {
  const own = new Map<string, number>();
  const nearby = new Set<string>();
  for (const place of places) {
    const [county, ...others] = countiesOf(areas, place);
    if (county !== undefined) own.set(county, (own.get(county) ?? 0) + 1);
    for (const other of others) nearby.add(other);
  }
  const byPlaces = [...own].toSorted(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([code]) => code);
  return [...new Set([...byPlaces, ...[...nearby].toSorted()])].slice(0, MAX_WATCHED_COUNTIES);
}

const inCounty = (area: AreaRow): area is AreaRow & { readonly parent_code: string } =>
  area.parent_code !== null && COUNTY.test(area.parent_code);

const FORECASTS_OF = 'predictions?region=';

/** The county whose forecasts a shape brings; none for other shapes. */
export function countyForecastBy(shape: string): readonly string[] {
  return shape.startsWith(FORECASTS_OF) ? [shape.slice(FORECASTS_OF.length)] : [];
}

/** Of these counties those in which spots are forecast: a notice of a forecast is of a spot, and no municipality raises one. */
export const SPOTS_SQL = `SELECT county FROM unnest($1::text[]) AS county WHERE EXISTS
  (SELECT 1 FROM predictions p WHERE p.region = county AND p.place_kind = 'cell-9')`;

/**
 * Whether the device can tell of what is forecast at a place: `kept`; its county's rows have come and no spot is among them, as where
 * the server knows official events alone; they have not come; or they are not asked for.
 */
export type ForecastsAt = 'kept' | 'noSpots' | 'waiting' | 'beyond';

/** What a device knows of counties' forecasts, by the counties' codes; `come` are the shapes that have come once. */
export interface KnownForecasts {
  readonly forecasts: readonly string[];
  readonly watched: readonly string[];
  readonly come: readonly string[];
  /** Of the counties whose forecasts have come, those in which spots are forecast; undefined until the replica has answered. */
  readonly withSpots: readonly string[] | undefined;
}

/** What a device that keeps the forecasts of `forecasts` has of a county. */
export function forecastsAt(
  county: string,
  { forecasts, watched, come, withSpots }: KnownForecasts,
): ForecastsAt {
  if (come.includes(`${FORECASTS_OF}${county}`)) {
    return withSpots?.includes(county) === false ? 'noSpots' : 'kept';
  }
  return forecasts.includes(county) || watched.includes(county) ? 'waiting' : 'beyond';
}
