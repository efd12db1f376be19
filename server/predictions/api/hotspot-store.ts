import type { RiskBand } from '@halo/shapes/taxonomy/risk-bands.ts';
import type { ServedPlaceKind } from '@halo/shapes/taxonomy/risk-categories.ts';
import { distanceSql } from '../../db/distance.ts';
import type { Queryable } from '../../db/pool.ts';
import type { Reason } from '../forecast.ts';

/** A window that is forecast. */
export interface ForecastWindow {
  readonly start: Date;
  readonly end: Date;
}

/** A prediction as it is kept, and how far it is from where was asked. */
export interface PredictionRow {
  readonly place: string;
  readonly placeKind: ServedPlaceKind;
  readonly region: string | null;
  readonly lat: number;
  readonly lon: number;
  readonly distanceM: number | null;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly rank: number;
  readonly band: RiskBand;
  readonly reasons: readonly Reason[];
  readonly modelId: string;
  readonly modelKind: 'trained' | 'baseline';
  readonly cutOff: Date;
  readonly computedAt: Date;
  readonly validUntil: Date;
}

/** A circle, and the municipality in which its middle lies, wherever that one's centre is. */
export interface Near {
  readonly lat: number;
  readonly lon: number;
  readonly radiusM: number;
  readonly municipality: string | undefined;
}

/** Which predictions of a window are asked for. */
export interface HotspotFilter {
  readonly category: string;
  readonly window: ForecastWindow;
  readonly near: Near | undefined;
  readonly region: string | undefined;
  readonly placeKind: ServedPlaceKind | undefined;
  readonly minBand: number;
}

/** The n-th window from the one that holds an instant, 0 being that one; undefined where nothing is forecast for it. */
export async function findWindow(
  db: Queryable,
  category: string,
  at: Date,
  ahead: number,
): Promise<ForecastWindow | undefined> {
  // Steps over the index from window to window, instead of reading all places of each.
  const { rows } = await db.query<ForecastWindow>(
    `WITH RECURSIVE steps AS (
       (SELECT window_start, window_end, 0 AS n FROM predictions
        WHERE category = $1 AND window_start <= $2 ORDER BY window_start DESC LIMIT 1)
       UNION ALL
       SELECT next.window_start, next.window_end, n + 1 FROM steps, LATERAL (
         SELECT window_start, window_end FROM predictions
         WHERE category = $1 AND predictions.window_start > steps.window_start ORDER BY window_start LIMIT 1
       ) next WHERE n < $3
     )
     SELECT window_start AS start, window_end AS "end" FROM steps
     WHERE n = $3 AND EXISTS (SELECT FROM steps first WHERE first.n = 0 AND first.window_end > $2)`,
    [category, at, ahead],
  );
  return rows[0];
}

/** Predictions of a window, the highest first, at most so many. */
export async function findHotspots(
  db: Queryable,
  { category, window, near, region, placeKind, minBand }: HotspotFilter,
  limit: number,
): Promise<PredictionRow[]> {
  const distance = near === undefined ? 'NULL::float8' : distanceSql('p', '$7::float8', '$8::float8');
  const within = near === undefined ? 'TRUE' : `(${distance} <= $9 OR p.place = $10)`;
  const { rows } = await db.query<PredictionRow>(
    `SELECT p.place, p.place_kind AS "placeKind", p.region, p.lat, p.lon, ${distance} AS "distanceM", p.expected, p.lower, p.upper,
       p.rank, p.band, p.reasons, p.model_id AS "modelId", m.kind AS "modelKind", p.cut_off AS "cutOff",
       p.computed_at AS "computedAt", p.valid_until AS "validUntil"
     FROM predictions p JOIN models m ON m.id = p.model_id
     WHERE p.category = $1 AND p.window_start = $2 AND ($3::text IS NULL OR p.region = $3)
       AND ($4::text IS NULL OR p.place_kind = $4) AND p.band >= $5 AND ${within}
     ORDER BY p.expected DESC, p.place LIMIT $6`,
    [
      category,
      window.start,
      region ?? null,
      placeKind ?? null,
      minBand,
      limit,
      ...(near === undefined ? [] : [near.lat, near.lon, near.radiusM, near.municipality ?? null]),
    ],
  );
  return rows;
}

/** When predictions were last made, and from what was known when; undefined where they never were. */
export async function lastSet(
  db: Queryable,
): Promise<{ readonly computedAt: Date; readonly cutOff: Date } | undefined> {
  const { rows } = await db.query<{ computedAt: Date; cutOff: Date }>(
    'SELECT computed_at AS "computedAt", cut_off AS "cutOff" FROM prediction_sets',
  );
  return rows[0];
}

/** What the predictions of a kind of place add up to. */
export interface PlaceStats {
  readonly placeKind: ServedPlaceKind;
  readonly places: number;
  readonly rows: number;
  readonly staleRows: number;
  readonly expected: number;
  readonly highest: number;
  readonly byBand: Readonly<Record<string, number>>;
}

/** Adds the predictions of windows that are not over up, by kind of place. */
export async function readStats(
  db: Queryable,
  category: string,
  region: string | undefined,
  now: Date,
): Promise<PlaceStats[]> {
  const { rows } = await db.query<PlaceStats>(
    `SELECT place_kind AS "placeKind", count(DISTINCT place)::int AS places, count(*)::int AS rows,
       count(*) FILTER (WHERE valid_until <= $3)::int AS "staleRows", sum(expected) AS expected, max(expected) AS highest,
       jsonb_build_object(${[1, 2, 3, 4, 5]
         .map((band) => `'${band}', count(*) FILTER (WHERE band = ${band})`)
         .join(', ')}) AS "byBand"
     FROM predictions WHERE category = $1 AND ($2::text IS NULL OR region = $2) AND window_end > $3
     GROUP BY place_kind ORDER BY place_kind`,
    [category, region ?? null, now],
  );
  return rows;
}
