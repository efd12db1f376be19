import { EventEmitter } from 'node:events';
import { CHECK_HEADER, DEVICE_HEADER } from '@halo/shapes/protocol/headers.ts';
import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller, CallerEnv, RequireCaller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import { DeviceBook } from './device-book.ts';
import { DUE_MS } from './judge-device.ts';
import { observeDevices } from './observe-devices.ts';
import { OpenChecks } from './open-checks.ts';

const DEVICE = '00000000-0000-4000-8000-000000000001';
const CHECK = '00000000-0000-4000-8000-0000000000c1';
const PATH = '/v1/shapes/incidents?region=01&offset=';
const CALLER: Caller = {
  ...{ userId: 'u', sessionId: 's', role: 'reporter' },
  expiresAt: new Date(8.64e15),
};

let nowMs: number;
let book: DeviceBook;
let checks: OpenChecks;
/** What the route answers. */
let answer: () => Response;
beforeEach(() => {
  nowMs = 1_000_000;
  book = new DeviceBook(() => nowMs);
  checks = new OpenChecks(() => nowMs);
  answer = () => new Response('[]', { headers: { 'cache-control': 'private, no-store' } });
});

/** Asks the route behind the guard; without a token the guard lets nobody through. */
async function ask(
  path: string,
  { as = 'token', says = `id=${DEVICE}`, method = 'GET', outgoing }: Asked = {},
) {
  const guard: RequireCaller = () => async (c, next) => {
    if (as !== 'token') throw new HaloError('unauthorized', 'No token.', { status: 401 });
    c.set('caller', CALLER);
    await next();
  };
  const app = new Hono<CallerEnv>();
  app.onError((error, c) => {
    const { status, code } = error as HaloError;
    return c.json({ code }, status as 401);
  });
  app.on(
    ['GET', 'POST'],
    ['/v1/shapes/:name', '/v1/shapes/:name/checksum', '/v1/mutations'],
    observeDevices(book, checks).observing(guard)(['reporter']),
    () => answer(),
  );
  const headers = says === '' ? {} : { [DEVICE_HEADER]: says };
  return app.request(path, { method, headers }, outgoing === undefined ? {} : { outgoing });
}
interface Asked {
  readonly as?: string;
  readonly says?: string;
  readonly method?: string;
  readonly outgoing?: EventEmitter;
}

const heard = () => [...book.all()];
const events = () =>
  book
    .takeEvents()
    .filter(({ kind }) => kind !== 'came' && kind !== 'snapshot')
    .map(({ kind, shape, code }) => [kind, shape, code]);

describe('who asks', () => {
  it('is heard with what he says of his device, and where it stands', async () => {
    await ask(`${PATH}5_0&live=true`, { says: `id=${DEVICE}&v=1.2&p=3` });
    expect(heard()).toMatchObject([{ id: DEVICE, userId: 'u', report: { v: '1.2', p: 3 } }]);
    expect(heard()[0]!.shapes.get('incidents?region=01')).toMatchObject({ phase: 'live', offset: '5_0' });
  });

  it('is not heard where the guard does not let him through', async () => {
    expect((await ask(`${PATH}5_0`, { as: 'nobody' })).status).toBe(401);
    expect(heard()).toEqual([]);
  });

  it('is known by his log-in where he says nothing, or nothing that can be believed', async () => {
    for (const says of ['', 'id=x', `id=${DEVICE}&p=-1`, `id=${DEVICE}&v=${'1'.repeat(500)}`])
      await ask(`${PATH}5_0`, { says });
    expect(heard().map(({ id }) => id)).toEqual(['s']);
  });

  it('stands nowhere by what is no reading of a shape: a checksum, a subset, a shape that there is not', async () => {
    await ask('/v1/shapes/incidents/checksum?region=01&offset=5_0');
    await ask(`${PATH}5_0`, { method: 'POST' });
    await ask(`${PATH}5_0&subset__limit=5`);
    await ask('/v1/shapes/nothing?offset=5_0');
    await ask('/v1/mutations', { method: 'POST' });
    expect(heard()[0]!.shapes.size).toBe(0);
  });

  it('is there as long as he takes an answer that he did not wait for', async () => {
    const outgoing = new EventEmitter();
    await ask(`${PATH}-1`, { outgoing });
    const [device] = heard();
    expect(device!.taking).toBe(1);
    outgoing.emit('close');
    expect(device!.taking).toBe(0);
    await ask(`${PATH}5_0&live=true`, { outgoing: new EventEmitter() });
    expect(device!.taking).toBe(0);
  });
});

describe('what is refused', () => {
  it('is told with its code, and of which shape', async () => {
    answer = () => {
      throw new HaloError('forbidden', 'No.', { status: 403 });
    };
    await ask(`${PATH}5_0`);
    answer = () => new Response(null, { status: 502 });
    await ask(`${PATH}5_0`);
    expect(events()).toEqual([
      ['refused', 'incidents?region=01', 'forbidden'],
      ['failed', 'incidents?region=01', 'http_502'],
    ]);
    expect(heard()[0]!.error).toMatchObject({ code: 'http_502' });
  });

  it('is no fault where the protocol has it so', async () => {
    for (const status of [200, 204, 304]) {
      answer = () => new Response(null, { status });
      await ask(`${PATH}5_0`);
    }
    expect(events()).toEqual([]);
    answer = () => new Response('[]', { status: 409 });
    await ask(`${PATH}5_0`);
    expect(events()).toEqual([['refetch', 'incidents?region=01', null]]);
    expect(heard()[0]!.error).toBeUndefined();
  });

  it('is waited for as long as the answer says', async () => {
    answer = () => new Response(null, { status: 429, headers: { 'retry-after': '40' } });
    await ask(`${PATH}5_0`);
    expect(book.dueMs(heard()[0]!)).toBe(DUE_MS + 40_000);
  });
});

describe('a check', () => {
  beforeEach(() => checks.replace([{ id: CHECK, deviceId: DEVICE }]));
  const given = async (path: string, asked?: Asked) => (await ask(path, asked)).headers.get(CHECK_HEADER);

  it('goes with an answer to its device, once a minute', async () => {
    expect(await given(`${PATH}5_0`)).toBe(CHECK);
    expect(await given(`${PATH}5_0`)).toBeNull();
    expect(checks.takeSent()).toEqual([CHECK]);
    nowMs += 60_000;
    expect(await given(`${PATH}5_0`)).toBe(CHECK);
  });

  it('goes with no answer that others may be given, and to nobody else', async () => {
    answer = () => new Response('[]', { headers: { 'cache-control': 'public, max-age=60' } });
    expect(await given(`${PATH}5_0`)).toBeNull();
    answer = () => new Response('[]', { headers: { 'cache-control': 'no-store' } });
    expect(await given(`${PATH}5_0`, { says: `id=${DEVICE.replace('1', '2')}` })).toBeNull();
    expect(await given(`${PATH}5_0`, { says: '' })).toBeNull();
    expect(checks.takeSent()).toEqual([]);
    expect(await given(`${PATH}5_0`)).toBe(CHECK);
  });
});

it('a batch of mutations names the device of its log-in', () => {
  observeDevices(book, checks).batchOf(CALLER, DEVICE);
  expect(heard().map(({ id, knownBy }) => [id, knownBy])).toEqual([[DEVICE, 'device']]);
});
