import type { RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createTestAuth } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startHttpServer } from '../support/http.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startFront, startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';
import type { FrontOptions } from '../support/upstream.ts';

const INCIDENTS = '/v1/shapes/incidents';
const FIRST = `${INCIDENTS}?region=01&offset=-1`;
const MESSAGES = { 'electric-handle': 'h', 'electric-offset': '0_0', 'content-type': 'application/json' };

/** A front before a server that answers what a test wants, and never looks at what it is asked. */
async function before(listener: RequestListener, options: FrontOptions = {}) {
  const database = await useTestDatabase();
  const server = await startHttpServer(listener);
  onTestFinished(() => server.close());
  const front = await startFront(database, server.url, options);
  return { server, front };
}

it.each([
  [429, { 'retry-after': '7' }, '', 503, 'upstream_unavailable', '7'],
  [503, { 'retry-after': '86400' }, '', 503, 'upstream_unavailable', '60'],
  [503, { 'retry-after': 'nonsense' }, '', 503, 'upstream_unavailable', '2'],
  [500, {}, `{"message":"${UPSTREAM_SECRET}"}`, 503, 'upstream_unavailable', '2'],
  [401, {}, '{"message":"Unauthorized - Invalid API secret"}', 502, 'upstream_refused', '30'],
  [404, {}, 'nothing here', 502, 'upstream_refused', '30'],
  [302, { location: 'http://elsewhere.example' }, '', 502, 'upstream_refused', '30'],
  [400, {}, '{"errors":{"table":["Table \\"x\\" does not exist"]}}', 502, 'upstream_refused', '30'],
  [400, {}, '{"errors":{"offset":["x"],"where":["y"]}}', 502, 'upstream_refused', '30'],
  [400, {}, 'no JSON', 502, 'upstream_refused', '30'],
  [200, { ...MESSAGES, 'content-encoding': 'gzip' }, 'compressed', 502, 'upstream_refused', '30'],
  [200, { 'content-type': 'text/html' }, '<html>', 502, 'upstream_refused', '30'],
] as const)(
  'answers %s %j of the server behind it as a problem',
  async (status, headers, body, ...expected) => {
    const { front } = await before((_, response) => void response.writeHead(status, headers).end(body));
    const answer = await fetch(`${front.url}${FIRST}`);
    const text = await answer.text();
    const { code } = JSON.parse(text) as { code: string };
    expect([answer.status, code, answer.headers.get('retry-after')]).toEqual(expected);
    // What it said is for the log of an operator alone.
    if (body !== '') expect(text).not.toContain(body);
    expect(front.log() + text).not.toContain(UPSTREAM_SECRET);
    await eventually(() => expect(front.upstream.open).toBe(0));
  },
);

it('passes the faults of what a reader chose on, and a refetch without a handle', async () => {
  const { server, front } = await before((_, response) => {
    response.writeHead(400).end('{"message":"Invalid request","errors":{"offset":["out of bounds"]}}');
  });
  const invalid = await fetch(`${front.url}${FIRST}`);
  expect([invalid.status, await invalid.json()]).toEqual([
    400,
    { message: 'Invalid request', errors: { offset: ['out of bounds'] } },
  ]);
  server.answerWith((_, response) => void response.writeHead(409).end('[]'));
  const refetch = await fetch(`${front.url}${FIRST}`);
  expect([refetch.status, refetch.headers.get('electric-handle'), await refetch.json()]).toEqual([
    409,
    null,
    [{ headers: { control: 'must-refetch' } }],
  ]);
  expect(refetch.headers.get('cache-control')).toBe('no-store');
});

it('gives up a server that says nothing in time, before its answer and within it', async () => {
  const bounds = { headTimeoutMs: 2_000, pieceTimeoutMs: 500 };
  const { server, front } = await before(() => {}, bounds);
  const silent = await fetch(`${front.url}${FIRST}`);
  expect([silent.status, ((await silent.json()) as { code: string }).code]).toEqual([
    503,
    'upstream_unavailable',
  ]);
  server.answerWith((_, response) => void response.writeHead(200, MESSAGES).write('[{}'));
  const half = await fetch(`${front.url}${FIRST}`);
  expect(half.status).toBe(200);
  await expect(half.text()).rejects.toThrow();
  await eventually(() => expect(front.upstream.open).toBe(0));
});

it('asks once, though a connection used before breaks within an answer', async () => {
  const { server, front } = await before((_, response) => void response.writeHead(200, MESSAGES).end('[]'), {
    headTimeoutMs: 2_000,
    pieceTimeoutMs: 500,
  });
  const whole = await fetch(`${front.url}${FIRST}`);
  expect(await whole.json()).toEqual([]);
  server.answerWith((_, response) => void response.writeHead(200, MESSAGES).write('[{}'));
  const half = await fetch(`${front.url}${FIRST}`);
  await expect(half.text()).rejects.toThrow();
  await eventually(() => expect(front.upstream.open).toBe(0));
  // An answer of its own would come back by now.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(server.requests()).toHaveLength(2);
});

it('asks no more at once than it may, and ends what its reader has left', async () => {
  const { server, front } = await before(() => {}, { maxOpen: 1 });
  const leaving = new AbortController();
  const first = fetch(`${front.url}${FIRST}`, { signal: leaving.signal }).catch(() => 'left');
  await eventually(() => expect(server.requests()).toHaveLength(1));
  const second = await fetch(`${front.url}${FIRST}`);
  expect([second.status, ((await second.json()) as { code: string }).code]).toEqual([503, 'busy']);
  leaving.abort();
  expect(await first).toBe('left');
  await eventually(() => expect(front.upstream.open).toBe(0));
});

it('answers waiting readers when it stops', async () => {
  const { server, front } = await before(() => {});
  const waiting = fetch(`${front.url}${FIRST}`);
  await eventually(() => expect(server.requests()).toHaveLength(1));
  await front.stop();
  const answer = await waiting;
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'shutting_down']);
});

it('invariant 6: holds nothing for a reader who takes nothing, and lets the server go when he leaves', async () => {
  const piece = Buffer.alloc(64 * 1024, ' ');
  let sent = 0;
  let closed = false;
  const { front } = await before((_, response) => {
    response.writeHead(200, MESSAGES);
    response.once('close', () => (closed = true));
    const send = () => {
      while (!response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return;
      }
    };
    response.on('drain', send);
    send();
  });
  const leaving = new AbortController();
  const answer = await fetch(`${front.url}${FIRST}`, { signal: leaving.signal });
  expect(answer.status).toBe(200);
  // The kernel's buffers of two connections fill, and then nothing moves.
  let before_ = -1;
  await eventually(async () => {
    const now = sent;
    const moved = now !== before_;
    before_ = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(moved || sent !== now).toBe(false);
  });
  expect(sent).toBeLessThan(40 * 1024 * 1024);
  const { external, arrayBuffers } = process.memoryUsage();
  expect(external + arrayBuffers).toBeLessThan(200 * 1024 * 1024);
  leaving.abort();
  await eventually(() => expect([closed, front.upstream.open]).toEqual([true, 0]));
});

/** A front with real accounts, and another instance on which people log out. */
async function withAccounts() {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  const [elsewhere, here] = [await createTestAuth(database), await createTestAuth(database)];
  onTestFinished(() => [elsewhere, here].forEach((auth) => auth.remove()));
  let lifeMs = 3_600_000;
  const auth: NonNullable<FrontOptions['auth']> = {
    openSessions: here.openSessions,
    requireCaller: (roles) => (c, next) =>
      here.requireCaller(roles)(c, async () => {
        c.set('caller', { ...c.get('caller'), expiresAt: new Date(Date.now() + lifeMs) });
        await next();
      }),
  };
  const upstream = await startRawUpstream(database);
  const front = await startFront(database, upstream.url, { auth });
  const login = await elsewhere.login();
  const ask = (query: Record<string, string>) =>
    fetch(`${front.url}${INCIDENTS}?${new URLSearchParams({ region: '01', ...query }).toString()}`, {
      headers: { authorization: `Bearer ${login.accessToken}` },
    });
  const first = await ask({ offset: 'now' });
  await first.text();
  const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) => first.headers.get(name)!);
  return {
    pool: database.pool,
    upstream,
    front,
    ask,
    live: { offset: offset!, handle: handle!, live: 'true' },
    expireAfter: (ms: number) => void (lifeMs = ms),
    logOut: () => elsewhere.post('/api/v1/auth/logout', { refreshToken: login.refreshToken }),
  };
}

it.each([false, true])(
  'invariant 8: a long poll to another server ends when its session does (with news after that: %s)',
  async (withNews) => {
    const { pool, upstream, front, ask, live, logOut } = await withAccounts();
    const poll = ask(live);
    await eventually(() => expect(upstream.engine.status().waiting).toBe(1));
    await logOut();
    const id = withNews ? await insertIncident(pool, { region: '01' }) : 'none';
    const answer = await poll;
    const text = await answer.text();
    expect([answer.status, JSON.parse(text)]).toMatchObject([401, { code: 'session_revoked' }]);
    expect(text).not.toContain(id);
    await eventually(() => expect([front.upstream.open, upstream.engine.status().waiting]).toEqual([0, 0]));
  },
);

it.each([false, true])(
  'invariant 8: events of another server end with the session (with news after that: %s)',
  async (withNews) => {
    const { pool, upstream, front, ask, live, logOut } = await withAccounts();
    const stream = await ask({ ...live, live_sse: 'true' });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const pieces = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const seen = await insertIncident(pool, { region: '01' });
    expect((await pieces.read()).value).toContain(seen);
    await logOut();
    if (withNews) await insertIncident(pool, { region: '01' });
    const after = await pieces.read().catch((): { value?: string } => ({}));
    expect(after.value).toBeUndefined();
    await eventually(() => expect([front.upstream.open, upstream.engine.status().waiting]).toEqual([0, 0]));
  },
);

it('scenario O9: a long poll to another server ends with 401 when the token runs out, and goes on at its place', async () => {
  const { pool, upstream, ask, live, expireAfter } = await withAccounts();
  expireAfter(500);
  const answer = await ask(live);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'token_expired']);
  await eventually(() => expect(upstream.engine.status().waiting).toBe(0));
  expireAfter(3_600_000);
  const id = await insertIncident(pool, { region: '01' });
  const next = await ask(live);
  expect([next.status, (await next.text()).includes(id)]).toEqual([200, true]);
});
