import { Writable } from 'node:stream';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '@halo/shapes/protocol/realtime.ts';
import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { createPool } from '../../server/db/pool.ts';
import { createApp } from '../../server/http/app.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertIncident } from '../support/incident-rows.ts';
import { rawStatus } from '../support/raw-request.ts';
import { RealtimeClient } from '../support/realtime-client.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

interface OpenApi {
  readonly paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}

/** What the document says of the body of `POST /v1/mutations`. */
interface MutationsOperation {
  readonly requestBody: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: { readonly properties: { readonly mutations: { readonly items: MutationItems } } };
      };
    };
  };
}

interface MutationItems {
  readonly oneOf: readonly {
    readonly title: string;
    readonly properties: {
      readonly type: { readonly const: string };
      readonly args: { readonly properties: Record<string, unknown> };
    };
  }[];
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a whole server on an empty database', () => {
  let database: TestDatabase;
  let server: TestServer;
  let socket: RealtimeClient | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServerProcess(database.url);
    await eventually(async () => (await fetch(`${server.url}/ready`)).ok);
  });
  afterAll(async () => {
    await stopServerProcess(server);
    await database.drop();
    // It was open all the time, and the signal closed it with the code to come back.
    expect(await socket?.closed()).toBe(CLOSE_CODES.restart);
  });

  it('tells a socket what was written in an area that it knows, and counts it', async () => {
    socket = await RealtimeClient.open(server.url, await accessToken(server.url, OPERATOR));
    socket.send({ type: 'subscribe', subscriptions: [{ id: 'nowhere', area: '99' }] });
    expect((await socket.first('error')).code).toBe('area_not_found');
    socket.send({ type: 'subscribe', subscriptions: [{ id: 'here', area: '01' }] });
    await socket.first('subscribed');
    const id = await insertIncident(database.pool, { region: '01' });
    expect((await socket.first('change')).incident.id).toBe(id);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^halo_realtime_sockets 1$/m);
    expect(metrics).toMatch(/^halo_realtime_subscriptions 1$/m);
    expect(metrics).toMatch(/^halo_realtime_closed_total\{reason="left"\} 0$/m);
  });

  it('has no route that breaks, with a token or without, and describes each', async () => {
    const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/health', '/ready', '/metrics', '/api/v1/auth/login', '/v1/mutations']),
    );
    const token = await accessToken(server.url, OPERATOR);
    const asked = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) => [
        { path, method, headers: {} },
        { path, method, headers: { authorization: `Bearer ${token}` } },
        { path, method, headers: { authorization: 'Bearer forged.token.here' } },
      ]),
    );
    for (const { path, method, headers } of asked) {
      const concrete = path.replaceAll(/\{\w+\}/g, 'x');
      const body = method === 'get' ? {} : { body: '{}' };
      const answer = await fetch(server.url + concrete, {
        method: method.toUpperCase(),
        headers: { 'content-type': 'application/json', ...headers },
        ...body,
      });
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      if (answer.status < 400) continue;
      expect(answer.headers.get('content-type'), `${method} ${path}`).toBe('application/problem+json');
      const { code } = (await answer.json()) as { code: string };
      expect(code).toMatch(/^[a-z0-9_]+$/);
      if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('describes the arguments of each type of mutation', async () => {
    const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
    const { requestBody } = paths['/v1/mutations']!['post'] as unknown as MutationsOperation;
    const { oneOf } = requestBody.content['application/json'].schema.properties.mutations.items;
    expect(oneOf.map(({ properties }) => properties.type.const)).toEqual([...MUTATION_SCHEMAS.keys()]);
    const ofType = (type: string) => oneOf.find(({ title }) => title === type)!.properties.args.properties;
    expect(Object.keys(ofType('report.amend'))).toEqual(['reportId', 'version', 'after', 'changes']);
    expect(ofType('comment.create')).toMatchObject({ body: { maxLength: 2000 } });
  });

  it.each([
    // Routes with their queries, and what an operator and a reporter are answered there.
    ['/v1/shapes/incidents', '?region=01&offset=-1', 200, 200],
    ['/v1/shapes/incident_transitions', '?region=01&offset=-1', 200, 403],
    ['/v1/shapes/incidents/checksum', '', 400, 400],
    ['/api/v1/auth/me', '', 200, 200],
    ['/v1/shapes/incident_matches', '?region=01&offset=-1', 200, 403],
    ['/api/v1/incidents', '?limit=1', 200, 200],
  ])(
    'invariant 8: no spelling of %s gets another verdict than the route',
    async (path, query, own, other) => {
      const reporter = await registerAccount(server.url, 'reporter');
      const callers: [string, Record<string, string>, number][] = [
        ['nobody', {}, 401],
        ['a reporter', bearer(await accessToken(server.url, reporter)), other],
        ['an operator', bearer(await accessToken(server.url, OPERATOR)), own],
      ];
      const [, first, second] = path.split('/') as [string, string, string];
      const rest = path.slice(first.length + 1);
      const last = path.at(-1)!;
      // What a program that reads addresses takes for the same path. It is resolved before anything looks at it.
      const sameAs = [
        `/${first}/.${rest}`,
        `/${first}/%2e${rest}`,
        `/x/../${first}${rest}`,
        `/${first}/%2e%2E/${first}${rest}`,
        `/${first}/${second}/../${second}${path.slice(first.length + second.length + 2)}`,
        `/v1/shapes/../..${path}`,
        `/../..${path}`,
        `http://elsewhere.example${path}`,
      ];
      const others = [
        `/${path}`,
        `${path}/`,
        `${path}/.`,
        path.replaceAll('/', '//'),
        `${path.slice(0, -1)}%${last.charCodeAt(0).toString(16)}`,
        path.toUpperCase(),
        path.replaceAll('/', '%2f'),
        path.replace(/\/(?=[^/]*$)/, '/%252e%252e/'),
        `${path}%00`,
        `${path};x=1`,
        `${path}%3b`,
        `/${first}${rest.replaceAll('/', '\\')}`,
      ];
      for (const [who, headers, verdict] of callers) {
        const status = (target: string) => rawStatus(server.url, { target: target + query, headers });
        expect(await status(path), `${who}: ${path}`).toBe(verdict);
        for (const target of sameAs)
          expect([verdict, 404], `${who}: ${target}`).toContain(await status(target));
        // Nobody is told whether there is such a thing.
        const nothing = who === 'nobody' ? [400, 401, 404] : [400, 404];
        for (const target of others) expect(nothing, `${who}: ${target}`).toContain(await status(target));
        for (const name of [
          'x-http-method-override',
          'x-http-method',
          'x-method-override',
          'x-original-url',
        ]) {
          const overridden = { ...headers, [name]: name === 'x-original-url' ? '/health' : 'DELETE' };
          const answer = await rawStatus(server.url, { target: path + query, headers: overridden });
          expect(answer, `${who}: ${name}`).toBe(verdict);
        }
        const head = { method: 'HEAD', target: path + query, headers };
        expect(await rawStatus(server.url, head), `${who}: HEAD`).toBe(verdict);
      }
    },
  );

  it('takes no path from a header that names the host', async () => {
    for (const host of ['localhost/v1/shapes', 'localhost/health?', 'a@localhost', 'localhost#', '']) {
      const status = await rawStatus(server.url, { target: '/nothing', headers: { host } });
      expect([400, 404], host).toContain(status);
    }
  });

  it.skipIf(chromiumPath === undefined)('shows its reference under its own content policy', async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      const foreign: string[] = [];
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) {
          foreign.push(request.url());
        }
      });
      await page.goto(`${server.url}/docs`);
      await page.getByText('/api/v1/auth/register').first().waitFor();
      expect({ faults, foreign }).toEqual({ faults: [], foreign: [] });
    } finally {
      await browser.close();
    }
  });
});

describe('without Postgres', () => {
  function appAway(lines: string[] = []) {
    const pool = createPool('postgres://halo@127.0.0.1:1/halo', 2, createLogger('silent'));
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const app = createApp({
      routers: [],
      logger: createLogger('debug', sink),
      metrics: createMetrics(),
      version: 'test',
      readiness: [{ name: 'postgres', check: async () => void (await pool.query('SELECT 1')) }],
      webApps: [],
    });
    app.get('/asks', async (context) => {
      await pool.query('SELECT 1');
      return context.text('never');
    });
    return app;
  }

  it('is alive and not ready, and says no more than which part is away', async () => {
    const app = appAway();
    expect((await app.request('/health')).status).toBe(200);
    const ready = await app.request('/ready');
    expect(ready.status).toBe(503);
    const text = await ready.text();
    expect(JSON.parse(text)).toMatchObject({
      code: 'not_ready',
      checks: [{ name: 'postgres', ok: false, reason: 'ECONNREFUSED' }],
    });
    expect(text).not.toContain('127.0.0.1');
  });

  it('answers 503 with a time to try again, so that a device keeps what it has', async () => {
    const answer = await appAway().request('/asks');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answer.json()).toMatchObject({ code: 'database_unavailable' });
  });

  it('logs the route and never the query, under the id that the caller was told', async () => {
    const lines: string[] = [];
    const answer = await appAway(lines).request('/asks?secret=hush&lat=59.3');
    const requestId = answer.headers.get('x-request-id')!;
    expect(await answer.json()).toMatchObject({ requestId });
    expect(lines.join('')).toContain(requestId);
    expect(lines.join('')).toContain('"route":"/asks"');
    expect(lines.join('')).not.toMatch(/hush|59\.3/);
  });
});

describe('methods', () => {
  it('that a route does not have are 405, and the answer says which it has', async () => {
    const app = createApp({
      routers: [],
      logger: createLogger('silent'),
      metrics: createMetrics(),
      version: 'test',
      readiness: [],
      webApps: [],
    });
    const answer = await app.request('/health', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' });
    expect((await app.request('/nothing', { method: 'DELETE' })).status).toBe(404);
    expect((await app.request('/health', { method: 'HEAD' })).status).toBe(200);
  });
});
