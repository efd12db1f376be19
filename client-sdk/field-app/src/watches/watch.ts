import { z } from 'zod';
import type { OutboxEntry } from '@halo/client';

/** A watched place as the replica has it. */
export type WatchRow = {
  readonly id: string;
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  readonly radius_m: number;
  readonly threshold: number;
  readonly sync_state: string;
};

/** Most watched places of a person (the server's rule). */
export const MAX_WATCHES = 50;

export const WATCHES_SQL = `
  SELECT id, name, lat, lon, radius_m, threshold, sync_state FROM my_watches ORDER BY name, id LIMIT ${MAX_WATCHES + 10}`;

/** Radii to choose from, in metres. */
export const RADII_M = [250, 500, 1_000, 5_000] as const;

/** Thresholds to choose from, by their names. */
export const THRESHOLDS = { low: 0.15, middle: 0.4, high: 0.75 } as const;
export type ThresholdName = keyof typeof THRESHOLDS;

/** The name of the nearest threshold: other clients may have set any. */
export function thresholdName(threshold: number): ThresholdName {
  const names = Object.keys(THRESHOLDS) as ThresholdName[];
  const off = (name: ThresholdName) => Math.abs(THRESHOLDS[name] - threshold);
  return names.toSorted((a, b) => off(a) - off(b))[0] ?? 'middle';
}

/** The radii to choose from, with the one that the place has. */
export function radiiWith(radiusM: number): readonly number[] {
  const radii: readonly number[] = RADII_M;
  return radii.includes(radiusM) ? radii : [...radii, radiusM].toSorted((a, b) => a - b);
}

/** What the form of a watched place begins with: nothing, a place that was pointed at, a watched one, or a rejected entry. */
export interface WatchStart {
  /** Name of the form, under which it is kept while it is half made. */
  readonly form: string;
  readonly watchId?: string;
  /** The rejected entry that it mends. */
  readonly resendOf?: string;
  readonly name: string;
  readonly place?: { readonly lat: number; readonly lon: number };
  readonly radiusM?: number;
  readonly threshold?: number;
}

/** The form of a new place. */
export const NEW_WATCH: WatchStart = { form: 'watch', name: '' };

const argsSchema = z.looseObject({
  watchId: z.string().optional().catch(undefined),
  name: z.string().catch(''),
  lat: z.number().optional().catch(undefined),
  lon: z.number().optional().catch(undefined),
  radiusM: z.number().optional().catch(undefined),
  threshold: z.number().optional().catch(undefined),
});

type Rejected = Pick<OutboxEntry, 'id' | 'args' | 'rejection'>;

/**
 * The form that mends a rejected entry, with all of it that can still be read. A place that is not there any more is
 * watched anew.
 */
export function startOfRejected({ id, args, rejection }: Rejected): WatchStart {
  const parsed = argsSchema.safeParse(args);
  const start = { form: `watch ${id}`, resendOf: id, name: '' };
  if (!parsed.success) return start;
  const { watchId, name, lat, lon, radiusM, threshold } = parsed.data;
  return {
    ...start,
    name,
    ...(watchId === undefined || rejection?.code === 'not_found' ? {} : { watchId }),
    ...(lat === undefined || lon === undefined ? {} : { place: { lat, lon } }),
    ...(radiusM === undefined ? {} : { radiusM }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** Rejected entries of the outbox that are about watched places. */
export function rejectedWatches(entries: readonly OutboxEntry[] | undefined): OutboxEntry[] {
  return (entries ?? []).filter(
    ({ state, type }) => state === 'rejected' && (type === 'watch.set' || type === 'watch.remove'),
  );
}

/** The query and parameters for how many open incidents of the last 72 hours lie within a watched place. */
export function incidentsWithin(watchId: string, nowMs: number): { sql: string; params: readonly unknown[] } {
  const from = new Date(nowMs - 72 * 3_600_000).toISOString();
  return {
    sql: `SELECT count(*)::int AS n FROM my_watches w JOIN incidents i
      ON i.status = 'open' AND i.merged_into IS NULL AND i.verification <> 'dismissed'
      AND i.location_precision = 'point' AND i.occurred_at > $2::timestamptz
      AND 12742017.6 * asin(sqrt(least(1, power(sin(radians(i.lat - w.lat) / 2), 2) +
        cos(radians(i.lat)) * cos(radians(w.lat)) * power(sin(radians(i.lon - w.lon) / 2), 2)))) <= w.radius_m
      WHERE w.id = $1`,
    params: [watchId, from],
  };
}
