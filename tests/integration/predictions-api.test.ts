import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Champions, Hotspots, PredictionStats, SeriesState } from '@halo/shapes/protocol/predictions.ts';
import { draftPredictions, putInForce } from '../../server/predictions/prediction-store.ts';
import { SERVED_SERIES } from '../../server/predictions/prediction-parts.ts';
import type { RankedForecast } from '../../server/predictions/rank-forecasts.ts';
import { beginRun, finishRun, SCORE_JOB } from '../../server/jobs/run-store.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { gazetteer } from './mutations-support.ts';
import {
  ALL,
  cellsOf,
  HOUR_MS,
  insertHistory,
  NOW,
  prepareSeries,
  trainedOf,
  WINDOW_MS,
} from './predictions-fixtures.ts';
import { startRest } from './rest-support.ts';
import type { RestApp } from './rest-support.ts';

const [NORTH, SOUTH] = [cellsOf(10)[9]!, cellsOf(1)[0]!];
const MUNICIPAL = { placeKind: 'municipality', category: 'all' } as const;
/** The routes' clock stands an hour into the first window. */
const ROUTES_NOW = new Date(NOW.getTime() + HOUR_MS);
const HOTSPOTS = '/api/v1/predictions/hotspots';

let database: TestDatabase;
let rest: RestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
  await insertHistory(database.pool, [{ at: SOUTH, occurredAt: new Date(NOW.getTime() - 48 * HOUR_MS) }]);
});
afterAll(async () => {
  await rest.runs.close();
  await database.drop();
});

const forecast = (
  place: RankedForecast['place'],
  expected: number,
  window: number,
  band: 1 | 3 | 5,
): RankedForecast => ({
  place,
  windowStart: new Date(NOW.getTime() + window * WINDOW_MS),
  windowEnd: new Date(NOW.getTime() + (window + 1) * WINDOW_MS),
  expected,
  lower: expected / 2,
  upper: expected * 2,
  rank: 1,
  band,
  reasons: [{ code: 'hours', factor: 0.5 }],
});

/** Puts a set in force that was computed some time after the first window began. */
async function predict(computedAfterMs: number): Promise<void> {
  const { pool } = database;
  const ids = await prepareSeries(pool, SERVED_SERIES);
  const at = new Date(NOW.getTime() + computedAfterMs);
  const run = crypto.randomUUID();
  await beginRun(pool, { id: run, job: SCORE_JOB, trigger: 'schedule', requestedBy: null }, at);
  const signal = new AbortController().signal;
  const area = gazetteer.byCode('0184')!;
  const speakers = SERVED_SERIES.map((series, index) => ({ series, modelId: ids[index]! }));
  const speakerOf = ({ placeKind, category }: typeof ALL | typeof MUNICIPAL) =>
    speakers.find(({ series }) => series.placeKind === placeKind && series.category === category)!;
  const cells = [
    forecast(SOUTH, 0.5, 0, 3),
    forecast(NORTH, 0.9, 0, 5),
    forecast(SOUTH, 0.7, 1, 5),
    forecast(NORTH, 0.1, 1, 1),
  ];
  const municipal = [forecast({ id: '0184', lat: area.lat, lon: area.lon, region: '01' }, 2, 0, 3)];
  await draftPredictions(pool, run, speakerOf(ALL), at, cells, signal);
  await draftPredictions(pool, run, speakerOf(MUNICIPAL), at, municipal, signal);
  await putInForce(pool, run, speakers, at, at);
  await finishRun(pool, run, { result: {} }, at);
}

const placesOf = ({ hotspots }: Hotspots) => hotspots.map(({ place }) => place);

it('finds by place, window and band, the highest first, and says it in words', async () => {
  await database.pool.query('DELETE FROM predictions');
  await predict(0);
  const all = await rest.get<Hotspots>(HOTSPOTS);
  expect(placesOf(all)).toEqual([NORTH.id, SOUTH.id]);
  expect(all).toMatchObject({
    category: 'all',
    window: { start: NOW.toISOString() },
    computedAt: NOW.toISOString(),
    stale: false,
  });
  expect(all.hotspots[0]).toMatchObject({
    band: 5,
    bandName: { en: 'Very high', sv: 'Mycket hög' },
    modelKind: 'baseline',
    cutOff: NOW.toISOString(),
    validUntil: new Date(NOW.getTime() + WINDOW_MS).toISOString(),
    reasons: [{ code: 'hours', factor: 0.5, en: 'Less usually happens in these hours' }],
    distanceM: null,
  });
  const near = await rest.get<Hotspots>(`${HOTSPOTS}?near=${SOUTH.lat},${SOUTH.lon}&radius=500`);
  expect(placesOf(near)).toEqual([SOUTH.id]);
  expect(near.hotspots[0]!.distanceM).toBeLessThan(200);
  expect(placesOf(await rest.get(`${HOTSPOTS}?window=1`))).toEqual([SOUTH.id, NORTH.id]);
  const at = encodeURIComponent(new Date(NOW.getTime() + 1.5 * WINDOW_MS).toISOString());
  expect(placesOf(await rest.get(`${HOTSPOTS}?at=${at}`))).toEqual([SOUTH.id, NORTH.id]);
  expect(placesOf(await rest.get(`${HOTSPOTS}?min_risk=4`))).toEqual([NORTH.id]);
  expect(placesOf(await rest.get(`${HOTSPOTS}?limit=1`))).toEqual([NORTH.id]);
  expect(placesOf(await rest.get(`${HOTSPOTS}?kind=municipality`))).toEqual(['0184']);
  expect(placesOf(await rest.get(`${HOTSPOTS}?area=12`))).toEqual([]);
  expect(await rest.get(`${HOTSPOTS}?window=27`)).toMatchObject({ window: null, hotspots: [] });
  expect(await rest.get(`${HOTSPOTS}?category=fire`)).toMatchObject({
    window: null,
    hotspots: [],
    stale: false,
  });
});

it('takes cells of an area, and its municipalities where it has no cell', async () => {
  await predict(0);
  const municipality = (cell: typeof NORTH) => gazetteer.areasOfPoint(cell.lat, cell.lon)!.municipality;
  expect(municipality(NORTH)).not.toBe(municipality(SOUTH));
  expect(placesOf(await rest.get(`${HOTSPOTS}?area=${municipality(NORTH)}`))).toEqual([NORTH.id]);
  expect(placesOf(await rest.get(`${HOTSPOTS}?area=01`))).toEqual([NORTH.id, SOUTH.id]);
  const other = municipality(NORTH) === '0184' ? [NORTH.id] : ['0184'];
  expect(placesOf(await rest.get(`${HOTSPOTS}?area=0184`))).toEqual(other);
  const [spot] = (await rest.get<Hotspots>(`${HOTSPOTS}?area=01&geometry=true`)).hotspots;
  expect(spot!.geometry).toMatchObject({ type: 'Polygon' });
  const ring = (spot!.geometry as { coordinates: number[][][] }).coordinates[0]!;
  expect(ring).toHaveLength(7);
  expect(ring[0]).toEqual(ring[6]);
  for (const [query, field] of [
    ['near=59.3,18.1', 'radius'],
    ['radius=1000', 'near'],
    ['area=9999', 'area'],
    ['min_risk=6', 'min_risk'],
    ['window=28', 'window'],
    ['limit=201', 'limit'],
    ['hours=3', undefined],
  ] as const) {
    const { status, body } = await rest.ask<{ field?: string }>('ada', 'GET', `${HOTSPOTS}?${query}`);
    expect({ query, status, ...(field === undefined ? {} : { field: body.field }) }).toEqual({
      query,
      status: 400,
      ...(field === undefined ? {} : { field }),
    });
  }
});

it('tells of the municipality that a point lies in, however far its centre is', async () => {
  await predict(0);
  const { lat, lon } = gazetteer.byCode('0184')!;
  const at = { lat: lat + 0.01, lon };
  expect(gazetteer.areasOfPoint(at.lat, at.lon)!.municipality).toBe('0184');
  const found = await rest.get<Hotspots>(`${HOTSPOTS}?near=${at.lat},${at.lon}&radius=100&kind=municipality`);
  expect(placesOf(found)).toEqual(['0184']);
  expect(found.hotspots[0]!.distanceM).toBeGreaterThan(1_000);
  await database.pool.query(`DELETE FROM predictions WHERE place_kind = 'cell-9'`);
  expect(placesOf(await rest.get(`${HOTSPOTS}?near=${at.lat},${at.lon}&radius=100`))).toEqual(['0184']);
  // Not of one in which it does not lie, nor of a county without municipalities.
  expect(placesOf(await rest.get(`${HOTSPOTS}?near=59.86,17.63&radius=100`))).toEqual([]);
  expect(placesOf(await rest.get(`${HOTSPOTS}?near=${at.lat},${at.lon}&radius=100&kind=cell`))).toEqual([]);
});

it('invariant 10: what is past its expiry is marked stale wherever it is served, and nothing else is', async () => {
  await predict(0);
  const { pool } = database;
  const stats = () => rest.get<PredictionStats>('/api/v1/predictions/stats');
  expect(await rest.get<Hotspots>(HOTSPOTS)).toMatchObject({
    stale: false,
    hotspots: [{ stale: false }, { stale: false }],
  });
  expect(await stats()).toMatchObject({ stale: false, places: [{ rows: 4, staleRows: 0 }, { rows: 1 }] });
  // One row ran out exactly now.
  const ago = new Date(ROUTES_NOW.getTime() - 24 * HOUR_MS);
  await pool.query(
    `UPDATE predictions SET cut_off = $2, computed_at = $2, valid_until = $3 WHERE place = $1`,
    [NORTH.id, ago, ROUTES_NOW],
  );
  const partly = await rest.get<Hotspots>(HOTSPOTS);
  expect(partly).toMatchObject({ stale: true, validUntil: ROUTES_NOW.toISOString() });
  expect(partly.hotspots.map(({ place, stale }) => ({ place, stale }))).toEqual([
    { place: NORTH.id, stale: true },
    { place: SOUTH.id, stale: false },
  ]);
  expect(await stats()).toMatchObject({ stale: true, places: [{ rows: 4, staleRows: 2 }, { staleRows: 0 }] });
  expect(await rest.get(`${HOTSPOTS}?limit=1&near=${SOUTH.lat},${SOUTH.lon}&radius=500`)).toMatchObject({
    stale: false,
  });
  // A window that is over is past its expiry, too.
  const past = encodeURIComponent(NOW.toISOString());
  await pool.query(
    `UPDATE predictions SET window_start = window_start - interval '1 day', window_end = window_end - interval '1 day',
       cut_off = $1, computed_at = $1, valid_until = $1::timestamptz + interval '1 hour' WHERE place_kind = 'cell-9'`,
    [new Date(NOW.getTime() - 24 * HOUR_MS)],
  );
  const dayAgo = encodeURIComponent(new Date(NOW.getTime() - 23 * HOUR_MS).toISOString());
  const old = await rest.get<Hotspots>(`${HOTSPOTS}?kind=cell&at=${dayAgo}`);
  expect(old.hotspots.map(({ stale }) => stale)).toEqual([true, true]);
  // Nothing has been made for a day: an empty answer says so, too.
  await pool.query('UPDATE prediction_sets SET cut_off = $1, computed_at = $1', [ago]);
  expect(await rest.get(`${HOTSPOTS}?at=${past}&category=fire`)).toMatchObject({ hotspots: [], stale: true });
});

it('lets operators pin a model and roll back, and makes predictions anew', async () => {
  const { pool } = database;
  await predict(0);
  const operator = (method: string, path: string) =>
    rest.ask<SeriesState>('operator', method, `/api/v1/admin/${path}`);
  const { artefact, evaluation } = trainedOf(ALL, NOW);
  const id = crypto.randomUUID();
  await pool.query(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, metrics, decision, reason, trained_at)
     VALUES ($1, 'cell-9', 'all', 'trained', $5, $2, $3, $4, 'kept', 'Not surely better.', $3)`,
    [id, artefact.sha256, NOW, evaluation, artefact.featuresVersion],
  );
  const unusable = await operator('POST', `models/${id}/pin`);
  expect([unusable.status, unusable.body]).toMatchObject([409, { code: 'model_unusable' }]);
  expect(await operator('POST', `models/${crypto.randomUUID()}/pin`)).toMatchObject({ status: 404 });
  expect(await operator('POST', 'series/cell-9/all/roll-back')).toMatchObject({
    status: 409,
    body: { code: 'no_previous_model' },
  });
  await pool.query('INSERT INTO model_artefacts (model_id, onnx) VALUES ($1, $2)', [id, artefact.onnx]);
  // Another version of the server can feed it: it is not marked, but does not speak here.
  await pool.query('UPDATE models SET features_version = 99 WHERE id = $1', [id]);
  expect(await operator('POST', `models/${id}/pin`)).toMatchObject({ status: 409 });
  await pool.query('UPDATE models SET features_version = $2 WHERE id = $1', [id, artefact.featuresVersion]);
  const pinned = await operator('POST', `models/${id}/pin`);
  expect(pinned).toMatchObject({
    status: 200,
    body: { modelId: id, pinned: true, pinnedBy: rest.people.operator },
  });
  expect(pinned.body.changes[0]).toMatchObject({ cause: 'pin', changedBy: rest.people.operator });

  const ofAll = async () => {
    const { series } = await rest.get<Champions>('/api/v1/predictions/model');
    expect(series).toHaveLength(16);
    expect(series.filter(({ cause }) => cause === 'first')).toHaveLength(15);
    return series.find((one) => one.placeKind === 'cell-9' && one.category === 'all');
  };
  expect(await ofAll()).toMatchObject({
    champion: { id, decision: 'kept', reason: 'Not surely better.' },
    pinned: true,
    cause: 'pin',
    baseline: { deviance: { lower: 0.1 } },
    latest: { id },
  });

  // This server's forecaster cannot score it: the scoring that the pin began falls back to the baseline.
  await eventually(async () => {
    const { rows } = await pool.query<{ state: string }>(
      `SELECT state FROM job_runs WHERE job = 'score' AND requested_by = $1`,
      [rest.people.operator],
    );
    return rows[0]?.state === 'succeeded';
  });
  expect(await ofAll()).toMatchObject({ champion: { kind: 'baseline' }, pinned: false, cause: 'fall_back' });
  const model = await operator('GET', `models/${id}`);
  expect(model.body).toMatchObject({
    hasArtefact: true,
    unusable: { code: 'artefact_unusable' },
    series: {
      pinned: false,
      changes: [{ cause: 'fall_back', changedBy: null }, { cause: 'pin' }, { cause: 'first' }],
    },
  });
  expect(await operator('POST', 'series/cell-9/all/unpin')).toMatchObject({
    status: 200,
    body: { pinned: false },
  });
});
