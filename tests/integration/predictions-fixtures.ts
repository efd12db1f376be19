import { createHash, randomBytes } from 'node:crypto';
import { cellToLatLng, latLngToCell } from 'h3-js';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { simulateCity } from '../../server/demo/self-exciting-city.ts';
import { seededRandom } from '../../server/platform/seeded-random.ts';
import { ensureChampions, readChampions } from '../../server/predictions/champion-store.ts';
import { FEATURES_VERSION } from '../../server/predictions/features/features.ts';
import type { PlaceForecast, Series, Trained } from '../../server/predictions/forecast.ts';
import type { Lease } from '../../server/jobs/job.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { SERVED_SERIES } from '../../server/predictions/prediction-parts.ts';
import { draftPredictions, putInForce } from '../../server/predictions/prediction-store.ts';
import { rankForecasts } from '../../server/predictions/rank-forecasts.ts';
import type { RankedForecast } from '../../server/predictions/rank-forecasts.ts';
import { beginRun, finishRun, SCORE_JOB } from '../../server/jobs/run-store.ts';
import { eventually } from '../support/eventually.ts';
import { gazetteer } from './mutations-support.ts';

export const HOUR_MS = 3_600_000;
export const WINDOW_MS = 6 * HOUR_MS;
/** The beginning of a window in Stockholm. */
export const NOW = new Date('2026-11-25T11:00:00Z');
export const CUT_OFF = NOW;
export const BURGLARY: Series = { placeKind: 'cell-9', category: 'burglary' };
export const ALL: Series = { placeKind: 'cell-9', category: 'all' };

/** Cells of Stockholm, as many as are asked for. */
export function cellsOf(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const id = latLngToCell(59.33 + i * 0.01, 18.06, 9);
    const [lat, lon] = cellToLatLng(id);
    return { id, lat, lon, region: '01' };
  });
}

/** Incidents and their reports, one each. */
export async function insertHistory(
  pool: Pool,
  incidents: readonly {
    readonly at: { readonly lat: number; readonly lon: number };
    readonly type?: string;
    readonly occurredAt: Date;
    readonly knownAt?: Date;
    readonly precision?: string;
    readonly region?: string | null;
    readonly municipality?: string | null;
    readonly changes?: string;
  }[],
): Promise<string[]> {
  await seedAreas(pool, gazetteer);
  const ids: string[] = [];
  for (const incident of incidents) {
    const { at, type = 'burglary', occurredAt, knownAt = occurredAt, precision = 'point' } = incident;
    const { region = '01', municipality = '0180' } = incident;
    const id = crypto.randomUUID();
    await pool.query(
      `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region, municipality,
         report_count, reporter_count) VALUES ($1, $2, 3, 0.5, $3, $4, $5, $6, $7, $8, 1, 1)`,
      [id, type, occurredAt, at.lat, at.lon, precision, region, municipality],
    );
    await pool.query(
      `INSERT INTO reports (id, source, type, severity, occurred_at, known_at, lat, lon, location_precision, accuracy_m, region,
         area_basis, incident_id) VALUES ($1, 'user', $2, 3, $3, $4, $5, $6, $7, $8, $9::text,
         CASE WHEN $9::text IS NULL THEN NULL ELSE 'polygon'::area_basis END, $10)`,
      [
        crypto.randomUUID(),
        type,
        occurredAt,
        knownAt,
        at.lat,
        at.lon,
        precision,
        precision === 'point' ? 10 : null,
        region,
        id,
      ],
    );
    if (incident.changes !== undefined)
      await pool.query(`UPDATE incidents SET ${incident.changes} WHERE id = $1`, [id]);
    ids.push(id);
  }
  return ids;
}

const CITY_DAYS = 480;

/** Fills the database with what happened until a time in a city of which the model's own tests know that it can be learnt. */
export async function insertCity(pool: Pool, until: Date): Promise<void> {
  const from = new Date(until.getTime() - CITY_DAYS * 24 * HOUR_MS);
  const rules = { centre: { lat: 59.33, lon: 18.07 }, resolution: 9, rings: 5, backgroundPerDay: 12 };
  const delays = { offspring: 0.35, meanDelayDays: 4, from, days: CITY_DAYS };
  const { cells, incidents } = simulateCity({ ...rules, ...delays }, seededRandom(7));
  await seedAreas(pool, gazetteer);
  await pool.query(
    `WITH given AS (
       SELECT gen_random_uuid() AS id, lat, lon, at FROM unnest($1::float8[], $2::float8[], $3::timestamptz[]) AS given (lat, lon, at)
     ), made AS (
       INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region, report_count,
         reporter_count) SELECT id, 'theft', 3, 0.5, at, lat, lon, 'point', '01', 1, 1 FROM given RETURNING id
     )
     INSERT INTO reports (id, source, type, severity, occurred_at, known_at, lat, lon, location_precision, accuracy_m, region,
       area_basis, incident_id)
     SELECT gen_random_uuid(), 'user', 'theft', 3, at, at, lat, lon, 'point', 10, '01', 'polygon', id FROM given`,
    [
      incidents.map(({ cell }) => cells[cell]!.lat),
      incidents.map(({ cell }) => cells[cell]!.lon),
      incidents.map(({ atMs }) => new Date(atMs)),
    ],
  );
}

/** Puts predictions of some series in force, as a scoring run of an instance does it that holds the lease. */
export async function putSet(
  pool: Pool,
  now: Date,
  predicted: readonly { readonly series: Series; readonly forecasts: readonly RankedForecast[] }[],
) {
  const id = crypto.randomUUID();
  const ids = await prepareSeries(pool, SERVED_SERIES);
  const speakers = SERVED_SERIES.map((series, index) => ({ series, modelId: ids[index]! }));
  await beginRun(pool, { id, job: SCORE_JOB, trigger: 'schedule', requestedBy: null }, now);
  for (const { series, forecasts } of predicted) {
    const speaker = speakers.find(
      (one) => one.series.placeKind === series.placeKind && one.series.category === series.category,
    )!;
    await draftPredictions(pool, id, speaker, now, forecasts, new AbortController().signal);
  }
  const changes = await putInForce(pool, id, speakers, now, now);
  await finishRun(pool, id, { result: { ...changes } }, now);
  return changes;
}

/** Takes the lease of a job as soon as nobody has it, so that no server's schedule comes between. */
export function holdLease(databaseUrl: string, job: string): Promise<Lease> {
  const leases = createLeases({ databaseUrl, logger: createLogger('silent') });
  return eventually(
    async () => (await leases.tryAcquire(job)) ?? Promise.reject(new Error(`another one runs ${job}`)),
  );
}

/** Forecasts of some cells for some windows, each place's expected count given. */
export function forecastsOf(expected: readonly number[], windows = 2, from = NOW) {
  const places = cellsOf(expected.length);
  const forecasts = expected.flatMap((count, place) =>
    Array.from({ length: windows }, (_, window): PlaceForecast => {
      const windowStart = new Date(from.getTime() + window * WINDOW_MS);
      const windowEnd = new Date(windowStart.getTime() + WINDOW_MS);
      const reasons = [{ code: 'count_365', factor: 1.2 }];
      return { place, windowStart, windowEnd, expected: count, lower: count / 2, upper: count * 2, reasons };
    }),
  );
  return rankForecasts(places, forecasts);
}

/** Gives each series its baseline, and resolves with the ids of those. */
export async function prepareSeries(pool: Pool, series: readonly Series[]): Promise<string[]> {
  await seedAreas(pool, gazetteer);
  await inTransaction(pool, (tx) => ensureChampions(tx, series, () => crypto.randomUUID(), NOW));
  const champions = await readChampions(pool);
  return series.map(
    ({ placeKind, category }) =>
      champions.find((one) => one.placeKind === placeKind && one.category === category)!.id,
  );
}

/** What training a series gives, as far as its keepers look at it. */
export function trainedOf(series: Series, cutOff: Date): Trained {
  const onnx = randomBytes(64);
  const estimate = { value: 0.2, lower: 0.1, upper: 0.3 };
  const shares = { '1': estimate, '5': estimate, '10': estimate };
  const scores = { pai: shares, pei: shares, weekPai: shares, deviance: estimate, brier: estimate };
  return {
    artefact: {
      series,
      featuresVersion: FEATURES_VERSION,
      onnx,
      sha256: createHash('sha256').update(onnx).digest('hex'),
    },
    cutOff,
    samples: { incidents: 3, places: 2, rows: 100, trees: 10 },
    evaluation: {
      from: new Date(cutOff.getTime() - 28 * 24 * HOUR_MS),
      to: cutOff,
      origins: 4,
      incidents: 3,
      places: 2,
      model: scores,
      rivals: { 'count-365': scores },
      differences: [{ rival: 'count-365', pai: shares, weekPai: shares, deviance: estimate }],
      reliability: [{ expected: 0.1, seen: 0.2, rows: 100 }],
    },
    champion: undefined,
  };
}
