import fc from 'fast-check';
import { cellToLatLng, greatCircleDistance, latLngToCell, UNITS } from 'h3-js';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IncidentAnswer, IncidentList } from '@halo/shapes/protocol/incidents.ts';
import type { MapCells } from '@halo/shapes/protocol/map-cells.ts';
import { distanceSql } from '../../server/db/distance.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { startRest } from './rest-support.ts';
import type { RestApp } from './rest-support.ts';

type Row = Pick<
  IncidentAnswer,
  'id' | 'type' | 'severity' | 'status' | 'verification' | 'occurredAt' | 'lat' | 'lon' | 'municipality'
> & {
  readonly precision: 'point' | 'municipality';
  readonly hidden: 'no' | 'merged' | 'matched' | 'emptied';
};

const TYPES = ['theft', 'fire', 'assault'] as const;
const START = Date.UTC(2026, 10, 1);
const HOUR_MS = 3_600_000;

/** Where things crowd: a city, both sides of the antimeridian, both poles, and an equator. */
const CROWDS = [
  [59.33, 18.06],
  [-17.5, 179.98],
  [71, -179.97],
  [89.9, 30],
  [-89.95, -120],
  [0.01, 0],
] as const;
const near = (crowd: number, north: number, east: number) => {
  const [lat, lon] = CROWDS[crowd % CROWDS.length]!;
  const along = lon + east / Math.max(0.02, Math.cos((lat * Math.PI) / 180));
  return { lat: Math.max(-90, Math.min(90, lat + north)), lon: ((along + 540) % 360) - 180 };
};

let database: TestDatabase;
let rest: RestApp;
const rows: Row[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
  const rowArbitrary = fc.record({
    crowd: fc.nat(5),
    north: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
    east: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
    type: fc.constantFrom(...TYPES),
    severity: fc.integer({ min: 1, max: 5 }),
    status: fc.constantFrom('open' as const, 'closed' as const),
    verification: fc.constantFrom('unverified' as const, 'corroborated' as const, 'verified' as const),
    // Few hours, so that many happened at the same instant and the id decides.
    hour: fc.nat(40),
    municipality: fc.constantFrom('0180', '0114', null),
    precision: fc.constantFrom('point' as const, 'point' as const, 'municipality' as const),
    hidden: fc.constantFrom(...(['no', 'no', 'no', 'no', 'merged', 'matched', 'emptied'] as const)),
  });
  for (const one of fc.sample(rowArbitrary, { numRuns: 400, seed: 20_26 }))
    rows.push({
      ...one,
      ...near(one.crowd, one.north, one.east),
      id: uuidv7(),
      occurredAt: new Date(START + one.hour * HOUR_MS).toISOString(),
    });
  await insert(rows);
});
afterAll(() => database.drop());

async function insert(all: readonly Row[]): Promise<void> {
  const given = all.map((row) => ({
    ...row,
    status: row.hidden === 'merged' ? 'merged' : row.status,
    // Whatever it leads to is shown by itself.
    leads_to:
      row.hidden === 'merged' || row.hidden === 'matched'
        ? rows.find(({ hidden }) => hidden === 'no')!.id
        : null,
  }));
  await database.pool.query(
    `INSERT INTO incidents (id, type, severity, status, verification, confidence, occurred_at, lat, lon, location_precision,
       region, municipality, report_count, reporter_count, official, merged_into, matched_to)
     SELECT id, type, severity, status, verification, 0.5, "occurredAt", lat, lon, precision, left(municipality, 2), municipality,
       CASE WHEN hidden IN ('merged', 'emptied') THEN 0 ELSE 1 END, 1, hidden = 'matched',
       CASE WHEN hidden = 'merged' THEN leads_to END, CASE WHEN hidden = 'matched' THEN leads_to END
     FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, type incident_type, severity int2, status incident_status,
       verification verification, "occurredAt" timestamptz, lat float8, lon float8, precision location_precision,
       municipality text, hidden text, leads_to uuid)`,
    [JSON.stringify(given)],
  );
}

interface Asked {
  readonly bbox?: readonly [west: number, south: number, east: number, north: number];
  readonly near?: { readonly lat: number; readonly lon: number; readonly radius: number };
  readonly area?: '0180' | '01';
  readonly type?: readonly (typeof TYPES)[number][];
  readonly severity?: number;
  readonly status?: 'open' | 'closed';
  readonly verified?: boolean;
  readonly from?: string;
  readonly to?: string;
}

/** A number as a URL says it. */
const plain = (value: number) => Number(value.toFixed(5));
const hours = fc.nat(42).map((hour) => new Date(START + hour * HOUR_MS - HOUR_MS / 2).toISOString());
/** Few conditions at once, so that something is left. */
const askedArbitrary: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.record({
      bbox: fc
        .tuple(
          fc.nat(5),
          fc.double({ min: 0, max: 0.4, noNaN: true }),
          fc.double({ min: 0, max: 0.4, noNaN: true }),
        )
        .map(([crowd, north, east]) => {
          const [low, high] = [near(crowd, -north, -east), near(crowd, north, east)];
          return [plain(low.lon), plain(low.lat), plain(high.lon), plain(high.lat)] as const;
        }),
      near: fc
        .tuple(
          fc.nat(5),
          fc.integer({ min: 100, max: 100_000 }),
          fc.double({ min: -0.2, max: 0.2, noNaN: true }),
        )
        .map(([crowd, radius, off]) => {
          const { lat, lon } = near(crowd, off, off);
          return { lat: plain(lat), lon: plain(lon), radius };
        }),
      area: fc.constantFrom('0180' as const, '01' as const),
      type: fc.subarray([...TYPES], { minLength: 1 }),
      severity: fc.integer({ min: 1, max: 5 }),
      status: fc.constantFrom('open' as const, 'closed' as const),
      verified: fc.boolean(),
      from: hours,
      to: hours,
    }),
    fc.subarray(['bbox', 'near', 'area', 'type', 'severity', 'status', 'verified', 'from', 'to'] as const, {
      maxLength: 3,
    }),
  )
  .map(([all, names]): Asked => Object.fromEntries(names.map((name) => [name, all[name]])))
  .filter(({ from, to }) => from === undefined || to === undefined || from <= to);

function queryOf({ near: circle, ...asked }: Asked): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) query.set(name, String(value));
  if (circle !== undefined) {
    query.set('near', `${circle.lat},${circle.lon}`);
    query.set('radius', String(circle.radius));
  }
  return query;
}

const metres = (row: Pick<Row, 'lat' | 'lon'>, { lat, lon }: Pick<Row, 'lat' | 'lon'>) =>
  greatCircleDistance([row.lat, row.lon], [lat, lon], UNITS.m);

/** The same by the plain words of the document, over all rows. */
function holds(row: Row, { bbox, near: circle, ...asked }: Asked): boolean {
  if (row.hidden !== 'no') return false;
  if (bbox !== undefined) {
    const [west, south, east, north] = bbox;
    const inside = west <= east ? row.lon >= west && row.lon <= east : row.lon >= west || row.lon <= east;
    if (!inside || row.lat < south || row.lat > north) return false;
  }
  if (circle !== undefined && metres(row, circle) > circle.radius) return false;
  if (asked.area !== undefined && row.municipality?.startsWith(asked.area) !== true) return false;
  if (asked.type?.some((type) => type === row.type) === false) return false;
  if (asked.severity !== undefined && row.severity < asked.severity) return false;
  if (asked.status !== undefined && row.status !== asked.status) return false;
  if (asked.verified !== undefined && (row.verification === 'verified') !== asked.verified) return false;
  if (asked.from !== undefined && row.occurredAt < asked.from) return false;
  return asked.to === undefined || row.occurredAt < asked.to;
}

const newestFirst = (a: Row, b: Row) =>
  a.occurredAt === b.occurredAt ? (a.id < b.id ? 1 : -1) : a.occurredAt < b.occurredAt ? 1 : -1;

/** Reads all pages of a list. */
async function allPages(query: URLSearchParams, limit: number): Promise<IncidentList['incidents']> {
  const all: IncidentList['incidents'] = [];
  query.set('limit', String(limit));
  for (let page = 0; page <= rows.length; page += 1) {
    const { incidents, nextCursor } = await rest.get<IncidentList>(`/api/v1/incidents?${query.toString()}`);
    expect(incidents.length).toBeLessThanOrEqual(limit);
    all.push(...incidents);
    if (nextCursor === null) return all;
    query.set('cursor', nextCursor);
  }
  throw new Error('the pages have no end');
}

it('lists what a filter over all rows gives, whatever is asked for and in whatever pages', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(askedArbitrary, fc.integer({ min: 15, max: 200 }), async (asked, limit) => {
      const expected = rows.filter((row) => holds(row, asked)).toSorted(newestFirst);
      const listed = await allPages(queryOf(asked), limit);
      expect(listed.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      found += listed.length;
      for (const incident of listed) {
        if (asked.near === undefined) expect(incident.distanceM).toBeNull();
        else expect(incident.distanceM).toBeCloseTo(metres(incident, asked.near), 3);
      }
    }),
    { numRuns: 80 },
  );
  expect(found).toBeGreaterThan(200);
});

it('counts each incident of a box in the cell that it lies in, also over the antimeridian', async () => {
  const only = askedArbitrary.map(({ type, from, to }) => ({ type, from, to }));
  await fc.assert(
    fc.asyncProperty(only, fc.nat(5), fc.integer({ min: 5, max: 11 }), async (others, crowd, resolution) => {
      const [low, high] = [near(crowd, -0.2, -0.2), near(crowd, 0.2, 0.2)];
      const bbox = [plain(low.lon), plain(low.lat), plain(high.lon), plain(high.lat)] as const;
      const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
      const asked: Asked = { ...given, bbox };
      const inside = rows.filter((row) => holds(row, asked));
      const counts = new Map<string, number>();
      for (const { lat, lon } of inside.filter(({ precision }) => precision === 'point')) {
        const cell = latLngToCell(lat, lon, resolution);
        counts.set(cell, (counts.get(cell) ?? 0) + 1);
      }
      const answer = await rest.get<MapCells>(
        `/api/v1/map/cells?${queryOf(asked).toString()}&resolution=${resolution}`,
      );
      expect(Object.fromEntries(answer.cells.map(({ cell, count }) => [cell, count]))).toEqual(
        Object.fromEntries(counts),
      );
      for (const { cell, lat, lon } of answer.cells) expect([lat, lon]).toEqual(cellToLatLng(cell));
      expect(answer.withoutPlace).toBe(inside.filter(({ precision }) => precision !== 'point').length);
    }),
    { numRuns: 40 },
  );
});

it('measures along great circles wherever on the globe two points are', async () => {
  const lat = fc.double({ min: -90, max: 90, noNaN: true });
  const lon = fc.double({ min: -180, max: 180, noNaN: true });
  const pairs = fc.sample(fc.tuple(lat, lon, lat, lon), { numRuns: 2_000, seed: 37 });
  const apart = [
    [59, 180, 59, -180],
    [90, 10, 90, -170],
    [-90, 0, 90, 0],
    [0, 0, 0, 180],
    [10, 179.9999, 10, -179.9999],
    [59.3, 18, 59.3, 18],
    [1e-200, 0, 0, 1e-200],
  ] as const;
  const all = [...apart, ...pairs];
  const { rows: measured } = await database.pool.query<{ metres: number }>(
    `SELECT ${distanceSql('incidents', 'here.lat', 'here.lon')} AS metres
     FROM unnest($1::float8[], $2::float8[], $3::float8[], $4::float8[]) WITH ORDINALITY AS pairs (a, b, c, d, at),
       LATERAL (SELECT a AS lat, b AS lon) AS incidents, LATERAL (SELECT c AS lat, d AS lon) AS here
     ORDER BY at`,
    [0, 1, 2, 3].map((part) => all.map((pair) => pair[part])),
  );
  for (const [at, [a, b, c, d]] of all.entries())
    // Beyond a centimetre, the two differ by their roundings where points lie opposite each other.
    expect(Math.abs(measured[at]!.metres - greatCircleDistance([a, b], [c, d], UNITS.m))).toBeLessThan(0.01);
});

it('gives each incident once while others come, and none of these twice', async () => {
  const first = await rest.get<IncidentList>('/api/v1/incidents?limit=50');
  const newer = { ...rows[0]!, id: uuidv7(), occurredAt: new Date(START + 41 * HOUR_MS).toISOString() };
  await insert([{ ...newer, hidden: 'no' }]);
  const later = await allPages(new URLSearchParams({ cursor: first.nextCursor! }), 50);
  const ids = [...first.incidents, ...later].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(
    rows
      .filter(({ hidden }) => hidden === 'no')
      .toSorted(newestFirst)
      .map(({ id }) => id),
  );
  await database.pool.query('DELETE FROM incidents WHERE id = $1', [newer.id]);
});

it('refuses a cursor that was changed, or is of another list', async () => {
  const { nextCursor } = await rest.get<IncidentList>('/api/v1/incidents?limit=5');
  const changed = `${nextCursor![0] === 'A' ? 'B' : 'A'}${nextCursor!.slice(1)}`;
  for (const query of [
    `cursor=${changed}`,
    'cursor=x',
    `cursor=${nextCursor}&severity=2`,
    `cursor=${nextCursor}x`,
  ]) {
    const { status, body } = await rest.ask('ada', 'GET', `/api/v1/incidents?${query}`);
    expect([query, status, body]).toEqual([
      query,
      400,
      expect.objectContaining({ code: 'invalid_cursor', field: 'cursor' }),
    ]);
  }
  expect((await rest.ask('ada', 'GET', `/api/v1/reports/mine?cursor=${nextCursor}`)).status).toBe(400);
});

it.each([
  ['near=59.3,18', 'radius'],
  ['radius=500', 'near'],
  ['near=59.3,18&radius=50', 'radius'],
  ['near=59.3,18&radius=100001', 'radius'],
  ['near=91,18&radius=500', 'near'],
  ['bbox=1,2,3', 'bbox'],
  ['bbox=17,60,18,59', 'bbox'],
  ['bbox=17,59,181,60', 'bbox'],
  ['area=9999', 'area'],
  ['type=theft,rån', 'type'],
  ['severity=6', 'severity'],
  ['status=merged', 'status'],
  ['verified=yes', 'verified'],
  ['from=2026-11-01', 'from'],
  ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'to'],
  ['limit=201', 'limit'],
  ['limit=0', 'limit'],
  ['limit=5&limit=6', 'limit'],
  ['days=7', 'query'],
])('refuses %s, naming %s', async (query, field) => {
  const answer = await rest.ask('ada', 'GET', `/api/v1/incidents?${query}`);
  expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ field })]);
});

it.each([
  ['resolution=7', 'bbox'],
  ['bbox=17,59,18,60', 'resolution'],
  ['bbox=17,59,18,60&resolution=4', 'resolution'],
  ['bbox=17,59,18,60&resolution=12', 'resolution'],
  ['bbox=17,59,18,60&resolution=7&severity=2', 'query'],
])('has no cells for %s, naming %s', async (query, field) => {
  const answer = await rest.ask('ada', 'GET', `/api/v1/map/cells?${query}`);
  expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ field })]);
});
