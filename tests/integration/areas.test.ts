import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AreaDetail, AreaList } from '@halo/shapes/protocol/areas.ts';
import { builtInAreas } from '../../server/areas/area-set.ts';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { areaRoutes } from '../../server/areas/routes.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import type { RequireCaller } from '../../server/auth/identity.ts';
import { createApp } from '../../server/http/app.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const ring = (west: number, south: number, size: number) => {
  const [east, north] = [west + size, south + size];
  return Float64Array.of(west, south, east, south, east, north, west, north, west, south);
};
const builtIn = builtInAreas();
const district = { code: '0180-norrmalm', kind: 'district', name: 'Norrmalm', parentCode: '0180' } as const;
const gazetteer = createGazetteer({
  areas: [...builtIn.areas, { ...district, lat: 59.33, lon: 18.06 }],
  outlines: new Map([
    ['0180', [[ring(18, 59.25, 0.25), ring(18.2, 59.3, 0.01)], [ring(18.4, 59.3, 0.05)]]],
    [district.code, [[ring(18.05, 59.32, 0.02)]]],
  ]),
});
/** Tokens are auth's affair: here the token is the role. */
const requireCaller: RequireCaller = (roles) => async (c, next) => {
  const role = c.req.header('authorization')?.replace('Bearer ', '');
  if (role === undefined) throw new HaloError('token_missing', 'No token.', { status: 401 });
  if (roles?.some((one) => one === role) !== true) throw new HaloError('forbidden', 'No.', { status: 403 });
  await next();
};

let database: TestDatabase;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedAreas(database.pool, gazetteer);
  app = createApp({
    routers: [areaRoutes({ pool: database.pool, gazetteer, requireCaller })],
    logger: createLogger('silent'),
    metrics: createMetrics(),
    version: 'test',
    readiness: [],
    webApps: [],
  });
});
afterAll(() => database.drop());

const ask = (path: string) => app.request(path, { headers: { authorization: 'Bearer reporter' } });

async function list(query: string): Promise<AreaList> {
  const answer = await ask(`/api/v1/areas${query}`);
  expect(answer.status, query).toBe(200);
  return (await answer.json()) as AreaList;
}
const codes = ({ areas }: AreaList) => areas.map(({ code }) => code);

describe('GET /api/v1/areas', () => {
  it.each<[query: string, expected: string[]]>([
    ['?name=upplands%20v%C3%84SBY', ['0114']],
    ['?name=%20Dals-ed%C2%A0', ['1438']],
    ['?name=gotland', ['09', '0980']],
    ['?name=gotland&kind=county', ['09']],
    ['?name=SK%C3%85NE', ['12']],
    ['?name=upplands', []],
    ['?q=UPPLANDS', ['0114', '0139']],
    ['?q=upplands&parent=03', []],
    ['?parent=0180', ['0180-norrmalm']],
    ['?kind=district', ['0180-norrmalm']],
    ['?parent=09&kind=municipality', ['0980']],
  ])('answers %s with %j', async (query, expected) => {
    expect(codes(await list(query))).toEqual(expected);
  });

  it('tells which areas hold a point, and how they were found', async () => {
    const inDistrict = await list('?lat=59.33&lon=18.06');
    expect([codes(inDistrict), inDistrict.areaBasis]).toEqual([['01', '0180', '0180-norrmalm'], 'polygon']);
    expect(codes(await list('?lat=59.33&lon=18.06&kind=municipality'))).toEqual(['0180']);
    expect(codes(await list('?lat=59.26&lon=18.01'))).toEqual(['01', '0180']);
    expect(await list('?lat=57.63&lon=18.29')).toMatchObject({ areaBasis: 'nearest_centre' });
    expect(await list('?lat=0&lon=-180')).toEqual({ areas: [], areaBasis: null, nextCursor: null });
  });

  it('goes through all of them in pages, each once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 10; page += 1) {
      const answer: AreaList = await list(`?limit=60${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...codes(answer));
      cursor = answer.nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual(
      gazetteer
        .all()
        .map(({ code }) => code)
        .toSorted(),
    );
    // A last page that is full says that it is the last.
    expect((await list('?parent=0180&limit=1')).nextCursor).toBeNull();
  });

  it('shows an area that another instance, with other files, has written', async () => {
    await database.pool.query(
      `INSERT INTO areas (code, kind, name, parent_code, lat, lon) VALUES ('1480-1', 'district', 'Haga', '1480', 57.7, 11.96)`,
    );
    expect(codes(await list('?name=HAGA'))).toEqual(['1480-1']);
    expect(await (await ask('/api/v1/areas/1480-1?geometry=true')).json()).toMatchObject({ geometry: null });
    await database.pool.query(`DELETE FROM areas WHERE code = '1480-1'`);
  });

  it.each([
    ['?kind=parish', 'kind'],
    ['?parent=%00', 'parent'],
    ['?name=%20', 'name'],
    ['?lat=north&lon=18', 'lat'],
    ['?lat=91&lon=18', 'lat'],
    ['?lat=59', 'lon'],
    ['?lon=18', 'lat'],
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?cursor=!', 'cursor'],
    ['?county=01', 'query'],
  ])('refuses %s, naming %s', async (query, field) => {
    const answer = await ask(`/api/v1/areas${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', field });
  });

  it('is for those who may read the shape of areas', async () => {
    expect((await app.request('/api/v1/areas')).status).toBe(401);
    expect(
      (await app.request('/api/v1/areas/0180', { headers: { authorization: 'Bearer guest' } })).status,
    ).toBe(403);
  });
});

describe('GET /api/v1/areas/{code}', () => {
  it('has the outline where it is asked for', async () => {
    const plain = (await (await ask('/api/v1/areas/0180')).json()) as AreaDetail;
    expect(plain).toEqual(gazetteer.byCode('0180'));
    const { geometry } = (await (await ask('/api/v1/areas/0180?geometry=true')).json()) as AreaDetail;
    expect(geometry?.type).toBe('MultiPolygon');
    expect(geometry?.coordinates.map((rings) => rings.length)).toEqual([2, 1]);
    const small = (await (await ask('/api/v1/areas/0180-norrmalm?geometry=true')).json()) as AreaDetail;
    expect(small.geometry).toMatchObject({
      type: 'Polygon',
      coordinates: [[[18.05, 59.32], {}, {}, {}, {}]],
    });
    expect(await (await ask('/api/v1/areas/01?geometry=true')).json()).toMatchObject({ geometry: null });
  });

  it.each([
    ['/9999', 404, 'area_not_found'],
    ['/not.a.code', 400, 'invalid_request'],
    ['/0180?geometry=yes', 400, 'invalid_request'],
    ['/0180?geom=true', 400, 'invalid_request'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const answer = await ask(`/api/v1/areas${path}`);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
  });
});

it('both are in the OpenAPI document, with examples', async () => {
  const { paths } = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, { get: { parameters: { name: string; schema: object }[]; responses: object } }>;
  };
  const { parameters, responses } = paths['/api/v1/areas']!.get;
  expect(parameters.map(({ name }) => name)).toEqual([
    'kind',
    'parent',
    'name',
    'q',
    'lat',
    'lon',
    'cursor',
    'limit',
  ]);
  expect(parameters.find(({ name }) => name === 'lat')?.schema).toMatchObject({ type: 'number' });
  expect(responses).toMatchObject({
    200: { content: { 'application/json': { example: { areas: [{ code: '0180' }] } } } },
  });
  expect(paths['/api/v1/areas/{code}']!.get.responses).toMatchObject({
    200: { content: { 'application/json': { example: { geometry: { type: 'Polygon' } } } } },
  });
});
