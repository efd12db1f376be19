import { VERIFICATIONS } from '@halo/shapes/taxonomy/states.ts';
import type { Verification } from '@halo/shapes/taxonomy/states.ts';

export const PERIODS = ['day', 'week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];
export const STATUS_CHOICES = ['open', 'closed', 'any'] as const;
export type StatusChoice = (typeof STATUS_CHOICES)[number];
export const VERIFICATION_CHOICES = ['any', ...VERIFICATIONS] as const;

/** Which incidents are shown. */
export interface Filters {
  readonly period: Period;
  /** A type of the taxonomy; undefined for all. */
  readonly type: string | undefined;
  readonly minSeverity: number;
  readonly status: StatusChoice;
  readonly verification: Verification | 'any';
  /** Only what an official source has told. */
  readonly official: boolean;
}

/** A place on the ground, in WGS84 degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

export const DEFAULT_FILTERS: Filters = {
  period: 'week',
  type: undefined,
  minSeverity: 1,
  status: 'open',
  verification: 'any',
  official: false,
};

/** How many filters, besides the period, are not as they are at first. */
export function filtersInUse(filters: Filters): number {
  const names = ['type', 'minSeverity', 'status', 'verification', 'official'] as const;
  return names.filter((name) => filters[name] !== DEFAULT_FILTERS[name]).length;
}

/** Most incidents that the map draws, the newest. */
export const MAX_ON_MAP = 10_000;
const DAY_MS = 86_400_000;
const PERIOD_MS: Record<Period, number> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  all: Infinity,
};
/** The beginning of a period moves in steps, so that the query is not another one at each moment. */
const STEP_MS = 10 * 60_000;

/** A query with its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly unknown[];
}

export const INCIDENT_COLUMNS = `id, type, severity, status, verification, confidence, occurred_at, lat, lon,
  location_precision, region, municipality, district, report_count, reporter_count, official, merged_into,
  matched_to, updated_at, sync_state`;

/**
 * The first `limit` incidents of a county for the list, with the number of all that the filters let through (`total`): the
 * newest first, or the nearest to `here`; those whose spot is not known come after those whose spot is.
 */
export function listQuery(
  region: string,
  filters: Filters,
  nowMs: number,
  limit: number,
  here: Place | undefined,
): Query {
  const { where, params } = conditions(region, filters, nowMs);
  const n = params.length;
  const distance =
    here === undefined
      ? 'NULL::float8'
      : `CASE WHEN location_precision = 'point' THEN ${metresFrom(`$${n + 2}`, `$${n + 3}`)} END`;
  const order = here === undefined ? '' : 'distance_m NULLS LAST,';
  return {
    sql: `SELECT ${INCIDENT_COLUMNS}, ${distance} AS distance_m, count(*) OVER ()::int AS total
      FROM incidents WHERE ${where} ORDER BY ${order} occurred_at DESC, id LIMIT $${n + 1}::int`,
    params: [...params, limit, ...(here === undefined ? [] : [here.lat, here.lon])],
  };
}

/** What the map needs of the incidents, at most `MAX_ON_MAP` of them. */
export function mapQuery(region: string, filters: Filters, nowMs: number): Query {
  const { where, params } = conditions(region, filters, nowMs);
  return {
    sql: `SELECT id, severity, verification, lat, lon, location_precision, municipality
      FROM incidents WHERE ${where} ORDER BY occurred_at DESC, id LIMIT ${MAX_ON_MAP}`,
    params,
  };
}

function conditions(region: string, filters: Filters, nowMs: number): { where: string; params: unknown[] } {
  const params: unknown[] = [region];
  const where = [`region = $1`, `merged_into IS NULL`, `matched_to IS NULL`, `status <> 'merged'`];
  const need = (condition: (param: string) => string, value: unknown) => {
    params.push(value);
    where.push(condition(`$${params.length}`));
  };
  const { period, type, minSeverity, status, verification, official } = filters;
  if (period !== 'all') {
    const from = Math.floor((nowMs - PERIOD_MS[period]) / STEP_MS) * STEP_MS;
    need((param) => `occurred_at >= ${param}::timestamptz`, new Date(from).toISOString());
  }
  if (type !== undefined) need((param) => `type = ${param}`, type);
  if (minSeverity > 1) need((param) => `severity >= ${param}::int`, minSeverity);
  if (status !== 'any') need((param) => `status = ${param}`, status);
  if (verification !== 'any') need((param) => `verification = ${param}`, verification);
  if (official) where.push('official');
  return { where: where.join(' AND '), params };
}

/** SQL of the great-circle metres from a row's place to another; the mean radius of the Earth, twice. */
export const metresFrom = (lat: string, lon: string) =>
  `12742017.6 * asin(sqrt(least(1, power(sin(radians(lat - ${lat}::float8) / 2), 2) +
    cos(radians(${lat}::float8)) * cos(radians(lat)) * power(sin(radians(lon - ${lon}::float8) / 2), 2))))`;
