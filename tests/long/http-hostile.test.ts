import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeCursor } from '../../server/platform/keyset-cursor.ts';
import { exampleRequest, operationsOf } from '../support/api-document.ts';
import type { Operation } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { hostileRequests } from '../support/hostile-requests.ts';
import type { HostileRequest } from '../support/hostile-requests.ts';
import { rawAnswer, rawStatus } from '../support/raw-request.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { fillDatabase } from '../integration/rest-full-database.ts';

const SECRET = 'a secret that is long enough';
const ORIGIN = 'https://app.example';
const AT_ONCE = 8;
/** Some inputs make a read wait for news, which is no fault: it is left then. */
const WAIT_MS = 4_000;
/** Nothing else waits for anything. */
const HANGS_MS = 60_000;
/** What a problem document must never tell: SQL, stacks, paths of the machine. */
const TELLTALE = /\bSELECT\b|\bINSERT\b|node_modules|\.ts:\d+|at async|\/home\/|\/tmp\//;

let database: TestDatabase;
let server: TestServer;
let operations: Operation[];
let token: string;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServerProcess(database.url, {
    env: { HALO_RATE_LIMIT: 'off', HALO_SHAPE_SECRET: SECRET, HALO_CORS_ORIGINS: ORIGIN },
  });
  await eventually(async () => (await fetch(`${server.url}/ready`)).ok);
  const [reporter, other] = [
    await registerAccount(server.url, 'ada'),
    await registerAccount(server.url, 'bo'),
  ];
  await fillDatabase(database.pool, { reporter: reporter.id, other: other.id });
  token = await accessToken(server.url, OPERATOR);
  operations = operationsOf(await (await fetch(`${server.url}/openapi.json`)).json());
});
afterAll(async () => {
  await stopServerProcess(server);
  await database.drop();
});

/** What is wrong with the answer; undefined where nothing is. */
async function faultOf(request: HostileRequest): Promise<string | undefined> {
  const { method, path, headers, body, what } = request;
  let answer: Response;
  try {
    answer = await fetch(server.url + path, {
      method,
      headers: { ...headers, authorization: `Bearer ${/^\/v1\/shape(?!s)/.test(path) ? SECRET : token}` },
      ...(body === undefined || method === 'GET' ? {} : { body }),
      signal: AbortSignal.timeout(method === 'GET' ? WAIT_MS : HANGS_MS),
    });
    const text = await answer.text();
    if (answer.status < 400) return undefined;
    if (answer.status >= 500) return `${method} ${path.slice(0, 200)} (${what}): ${answer.status} ${text}`;
    if (TELLTALE.test(text)) return `${method} ${path.slice(0, 200)} (${what}) tells too much: ${text}`;
    return undefined;
  } catch (error) {
    const isWait = error instanceof Error && error.name === 'TimeoutError';
    return isWait && method === 'GET'
      ? undefined
      : `${method} ${path.slice(0, 200)} (${what}): ${String(error)}`;
  }
}

it('no hostile input of any route breaks anything, and what is refused tells nothing of the inside', async () => {
  const faults: string[] = [];
  let asked = 0;
  // Log-outs and the like come last: none of them names a session of the caller's.
  for (const operation of operations) {
    const requests = hostileRequests(operation);
    const worker = async () => {
      for (const request of requests) {
        asked += 1;
        const fault = await faultOf(request);
        if (fault !== undefined) faults.push(fault);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  expect(faults.slice(0, 20)).toEqual([]);
  expect(asked).toBeGreaterThan(2_000);
  expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  // Nothing that nobody foresaw is in the log.
  expect(server.process.output()).not.toMatch(/"level":[56]0[^\n]*"component":"http"/);
}, 240_000);

it('no list takes a cursor that somebody made by hand', async () => {
  const lists = operations.filter(
    ({ path, method, parameters }) =>
      method === 'get' && !path.startsWith('/v1/') && parameters.some(({ name }) => name === 'cursor'),
  );
  expect(lists.length).toBeGreaterThan(12);
  const id = '01936d2a-0000-7000-8000-000000000001';
  const rows = (...place: string[]) =>
    Buffer.from(JSON.stringify(['my_watches', ...place])).toString('base64url');
  const texts = (place: string) => Buffer.from(place).toString('base64url') + 'x'.repeat(22);
  const cursors = [
    rows(),
    rows('no id'),
    rows('a\u0000b'),
    rows('\ud800'),
    rows(''),
    rows(`${id}0`),
    rows(id, id),
    texts(`1.${id}`),
    texts(`9999999999999999.${id}`),
    encodeCursor({ micros: 1, id }, ['another list']),
    encodeCursor({ micros: Number.MAX_SAFE_INTEGER, id }, []),
    '%00',
    'x',
    '-',
  ];
  const taken: string[] = [];
  for (const operation of lists) {
    const { path, headers } = exampleRequest(operation);
    for (const cursor of cursors) {
      const url = new URL(path, server.url);
      url.searchParams.set('cursor', cursor);
      const answer = await fetch(url, { headers: { ...headers, authorization: `Bearer ${token}` } });
      const { code } = (await answer.json()) as { code?: string };
      // A cursor of areas is the code of one, and whatever is like a code is a place among them.
      if (operation.path === '/api/v1/areas' && answer.status === 200) continue;
      const isRefused = answer.status === 400 && (code === 'invalid_cursor' || code === 'invalid_request');
      if (!isRefused) taken.push(`${operation.path} ${cursor}: ${answer.status} ${code}`);
    }
  }
  expect(taken).toEqual([]);
});

it('a listed origin may ask a whole server, and read why it was refused', async () => {
  const asked = { headers: { origin: ORIGIN, authorization: 'Bearer forged.token.here' } };
  for (const path of ['/v1/shapes/incidents?region=01&offset=-1', '/api/v1/auth/me', '/v1/mutations']) {
    const answer = await fetch(server.url + path, asked);
    expect(answer.headers.get('access-control-allow-origin'), path).toBe(ORIGIN);
    await answer.body?.cancel();
  }
  const other = await fetch(`${server.url}/health`, { headers: { origin: 'https://other.example' } });
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});

it.each([
  '/api/v1/areas/%ff',
  '/api/v1/areas/%c0%af',
  '/api/v1/areas/%ed%a0%80',
  '/api/v1/incidents?area=%ff%fe',
  '/api/v1/incidents?cursor=%00%ff',
  '/v1/shapes/incidents?region=%ff&offset=-1',
  `/v1/shape?secret=${encodeURIComponent(SECRET)}&table=%ff&offset=-1`,
  `/v1/shape?secret=${encodeURIComponent(SECRET)}&table=users&where=%00&offset=-1`,
  ...[
    'table=%00',
    'table=users%00',
    'table=users&columns=id,%00',
    'table=users&where=email=$1&params[1]=%00',
  ].map((query) => `/v1/shape?secret=${encodeURIComponent(SECRET)}&offset=-1&${query}`),
  ...['%00', 'a%00b', '%ed%a0%80'].flatMap((text) => [
    `/v1/shape?secret=${encodeURIComponent(SECRET)}&table=users&offset=now&subset__where=email=$1&subset__params[1]=${text}`,
    `/v1/shapes/areas?offset=now&subset__where=name=$1&subset__params[1]=${text}`,
    `/v1/shapes/areas?offset=now&subset__where=name=$1&subset__params=%7B%221%22:%22%5Cu0000${text}%22%7D`,
    `/v1/shapes/areas?offset=0_0&handle=${text}`,
    `/v1/shapes/${text}?offset=-1`,
    `/v1/shapes/incidents?region=01&offset=-1&session=${text}`,
    `/api/v1/admin/sync/devices/01936d2a-0000-7000-8000-0000000000d1/rows?shape=incidents%3Fregion%3D%2500${text}`,
  ]),
  '/api/v1/areas/\xff\xfe',
  '/%',
  '/api/v1/incidents?%',
  `/api/v1/incidents?${'a&'.repeat(3_000)}`,
])('a target that is no text breaks nothing: %#', async (target) => {
  const status = await rawStatus(server.url, { target, headers: { authorization: `Bearer ${token}` } });
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
});

it.each(['a\u0000b', '\ud800', '\udc00\ud800'])(
  'a text in a body that Postgres cannot keep breaks nothing: %j',
  async (text) => {
    const post = async (path: string, body: unknown, bearer: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
      const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      await answer.body?.cancel();
      return answer.status;
    };
    const subset = { where: 'name = $1', params: { 1: text } };
    expect(await post('/v1/shapes/areas?offset=now', { subset }, token)).toBeLessThan(500);
    for (const each of [subset, { where: `name = '${text}'` }, { order_by: text, limit: 1 }])
      expect(await post('/v1/shape?table=areas&offset=now', { subset: each }, SECRET)).toBeLessThan(500);
    const mutation = {
      id: uuidv7(),
      seq: 1,
      type: text,
      args: { [text]: [text, { a: text }] },
      createdAt: text,
    };
    const batch = { deviceId: uuidv7(), mutations: [mutation] };
    expect(await post('/v1/mutations', batch, token)).toBeLessThan(500);
    const timed = { ...batch, mutations: [{ ...mutation, createdAt: new Date().toISOString() }] };
    expect(await post('/v1/mutations', timed, token)).toBe(200);
  },
);

it.each([
  ['a token of bytes', 'authorization', 'Bearer \xff\xfe'],
  ['a token of many parts', 'authorization', `Bearer ${'a.'.repeat(4_000)}`],
  ['an unsigned token', 'authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['a key of bytes', 'idempotency-key', '\xff'],
  ['a negative length', 'content-length', '-1'],
  ['a huge length', 'content-length', '99999999999999999999'],
  ['two encodings', 'transfer-encoding', 'chunked, identity'],
  ['addresses that are none', 'x-forwarded-for', '\xff, ::::, 999.999.999.999'],
  ['a tag of quotes', 'if-none-match', '"'.repeat(5_000)],
  ['no origin', 'origin', 'null'],
  ['a long request id', 'x-request-id', `a\tb${'c'.repeat(4_000)}`],
])('a header with %s breaks nothing', async (_what, name, value) => {
  const request = {
    target: '/api/v1/incidents?limit=1',
    headers: { authorization: `Bearer ${token}`, [name]: value },
  };
  const answer = await rawAnswer(server.url, request);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(answer).not.toMatch(TELLTALE);
});
