import { z } from 'zod';
import type { QueryRow } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { loadPart } from '../load-part.ts';
import type { Polygons } from './border.ts';
import { circleAround } from './circle.ts';
import type { RiskForecast } from './geofence.ts';

/** Most rows of one asking that are looked at. */
export const MAX_PLACES = 10_000;

/** Longitude and latitude, and what GeoJSON allows behind. No tuple: what a late part takes of zod, apps load at their start. */
const point = z.array(z.number()).min(2);
const moment = z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))]);
const common = {
  place_id: z.string().min(1),
  name: z.string().nullish(),
  risk: z.number(),
  threshold: z.number().nullish(),
  window_start: moment.nullish(),
  window_end: moment.nullish(),
  valid_until: moment.nullish(),
};
const rowSchema = z.union([
  z.object({ ...common, cell: z.string() }),
  z.object({ ...common, polygons: z.array(z.array(z.array(point))) }),
  z.object({ ...common, lat: z.number(), lon: z.number(), radius_m: z.number().positive() }),
]);

/**
 * The places that a query has given, as `PlacesAtRisk` tells its columns. Fails with `invalid_place`, naming the column,
 * when a row breaks that, and when there are more than 10,000; with `part_not_loaded` where there are cells and the grid
 * cannot be loaded.
 *
 * @param freshUntilMs until when a row is fresh that does not say so itself.
 */
export async function placesOf(rows: readonly QueryRow[], freshUntilMs: number): Promise<RiskForecast[]> {
  if (rows.length > MAX_PLACES) throw invalidPlace('', `the query gives more than ${MAX_PLACES} rows`);
  // Whoever watches no cells does not load the grid.
  const grid = rows.some(isCell) ? await loadPart(() => import('./cell-outline.ts')) : undefined;
  return rows.map((row) => placeOf(row, freshUntilMs, (cell) => grid?.cellOutline(cell)));
}

const isCell = (row: QueryRow) => 'cell' in row;

function placeOf(
  row: QueryRow,
  freshUntilMs: number,
  outlineOf: (cell: string) => Polygons | undefined,
): RiskForecast {
  // Told apart here, so that the error is about the kind of place that was meant.
  const { data, error } = rowSchema.options[isCell(row) ? 0 : 'polygons' in row ? 1 : 2].safeParse(row);
  if (data === undefined) {
    const issue = error.issues[0];
    throw invalidPlace(String(issue?.path[0] ?? ''), issue?.message ?? 'not valid');
  }
  const { place_id, name, risk, threshold, window_start, window_end, valid_until } = data;
  return {
    placeId: place_id,
    polygons: polygonsOf(data, outlineOf),
    risk,
    windowStartMs: window_start?.getTime() ?? -Infinity,
    windowEndMs: window_end?.getTime() ?? Infinity,
    validUntilMs: valid_until?.getTime() ?? freshUntilMs,
    ...(name == null ? {} : { name }),
    ...(threshold == null ? {} : { threshold }),
  };
}

function polygonsOf(
  data: z.output<typeof rowSchema>,
  outlineOf: (cell: string) => Polygons | undefined,
): Polygons {
  if ('polygons' in data) {
    return data.polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lon!, lat!] as const)));
  }
  if (!('cell' in data)) return circleAround(data.lat, data.lon, data.radius_m);
  const outline = outlineOf(data.cell);
  if (outline === undefined) throw invalidPlace('cell', 'no H3 cell');
  return outline;
}

function invalidPlace(field: string, reason: string): HaloClientError {
  const where = field === '' ? '' : `Column ${field}: `;
  return new HaloClientError('invalid_place', `${where}${reason}`, { field });
}
