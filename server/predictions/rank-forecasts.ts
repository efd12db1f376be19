import { bandOf } from '@halo/shapes/taxonomy/risk-bands.ts';
import type { RiskBand } from '@halo/shapes/taxonomy/risk-bands.ts';
import { HaloError } from '../platform/errors.ts';
import { MAX_PLACES_A_REGION } from './forecast.ts';
import type { Place, PlaceForecast, Reason } from './forecast.ts';

/** Places where fewer incidents are expected in the week ahead are not kept: one in four years is no risk to show. */
export const MIN_EXPECTED_IN_WEEK = 0.005;
/** Reasons that are kept of a forecast, the strongest. */
const MAX_REASONS = 3;
/** Digits that a forecast has: finer differences are noise, and would only stream rows to devices. */
const DIGITS = 3;
const FACTOR_DIGITS = 2;

/** A forecast with where it stands among those of its county. */
export interface RankedForecast {
  readonly place: Place;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  /** Among the county's places in the window, 1 = highest; places of which as much is expected share the lowest number. */
  readonly rank: number;
  readonly band: RiskBand;
  readonly reasons: readonly Reason[];
}

interface Region {
  readonly weekOfPlace: Map<number, number>;
  readonly windows: Map<number, PlaceForecast[]>;
  total: number;
  count: number;
}

/**
 * Ranks the forecasts of one series within their counties, gives them bands, rounds them, and keeps those of the places where
 * most is expected. Ranks and bands go by all that are given, kept or not.
 *
 * @throws HaloError `forecast_invalid` when a number is none, negative, or outside its own interval
 */
export function rankForecasts(
  places: readonly Place[],
  forecasts: readonly PlaceForecast[],
  maxPlaces = MAX_PLACES_A_REGION,
): RankedForecast[] {
  const regions = new Map<string | null, Region>();
  for (const forecast of forecasts) {
    const place = places[forecast.place];
    if (place === undefined || !isSound(forecast)) throw invalid(place);
    addTo(regionOf(regions, place.region), forecast);
  }
  return [...regions.values()].flatMap((region) => rankRegion(places, region, maxPlaces));
}

function regionOf(regions: Map<string | null, Region>, code: string | null): Region {
  const known = regions.get(code);
  if (known !== undefined) return known;
  const region: Region = { weekOfPlace: new Map(), windows: new Map(), total: 0, count: 0 };
  regions.set(code, region);
  return region;
}

function addTo(region: Region, forecast: PlaceForecast): void {
  const { place, expected } = forecast;
  const start = forecast.windowStart.getTime();
  region.total += expected;
  region.count += 1;
  region.weekOfPlace.set(place, (region.weekOfPlace.get(place) ?? 0) + expected);
  const window = region.windows.get(start);
  if (window === undefined) region.windows.set(start, [forecast]);
  else window.push(forecast);
}

function rankRegion(places: readonly Place[], region: Region, maxPlaces: number): RankedForecast[] {
  const kept = new Set(
    [...region.weekOfPlace]
      .filter(([, week]) => week >= MIN_EXPECTED_IN_WEEK)
      .toSorted(([a, weekOfA], [b, weekOfB]) => weekOfB - weekOfA || (places[a]!.id < places[b]!.id ? -1 : 1))
      .slice(0, maxPlaces)
      .map(([place]) => place),
  );
  const mean = region.total / region.count;
  const ranked: RankedForecast[] = [];
  for (const window of region.windows.values()) {
    const descending = window.map((forecast) => ({ forecast, expected: rounded(forecast.expected) }));
    descending.sort((a, b) => b.expected - a.expected);
    let rank = 0;
    let before = Infinity;
    for (const [index, { forecast, expected }] of descending.entries()) {
      if (expected < before) rank = index + 1;
      before = expected;
      if (!kept.has(forecast.place)) continue;
      ranked.push({
        place: places[forecast.place]!,
        windowStart: forecast.windowStart,
        windowEnd: forecast.windowEnd,
        expected,
        lower: rounded(forecast.lower),
        upper: rounded(forecast.upper),
        rank,
        band: bandOf(expected, mean),
        reasons: forecast.reasons
          .slice(0, MAX_REASONS)
          .map(({ code, factor }) => ({ code, factor: Number(factor.toPrecision(FACTOR_DIGITS)) })),
      });
    }
  }
  return ranked;
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

function isSound({ expected, lower, upper, windowStart, windowEnd, reasons }: PlaceForecast): boolean {
  return (
    Number.isFinite(upper) &&
    lower >= 0 &&
    lower <= expected &&
    expected <= upper &&
    windowStart < windowEnd &&
    reasons.every(({ factor }) => Number.isFinite(factor) && factor >= 0)
  );
}

function invalid(place: Place | undefined): HaloError {
  const where = place === undefined ? 'a place that there is not' : `the place ${place.id}`;
  return new HaloError('forecast_invalid', `The forecast of ${where} is no number with an interval.`);
}
