import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../server/http/app.ts';
import { listen } from '../../server/http/listen.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createTestAuth } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { rawAnswer } from '../support/raw-request.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database);
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

describe('the HTTP surface', () => {
  it('says that it lives, and with which version', async () => {
    expect(await (await auth.get('/health')).json()).toEqual({ status: 'healthy', version: 'test' });
  });

  it('is not ready while one thing that it needs is not well, and says which', async () => {
    const app = createApp({
      routers: [],
      logger: createLogger('silent'),
      metrics: createMetrics(),
      version: 'test',
      webApps: [],
      readiness: [
        { name: 'postgres', check: () => Promise.resolve() },
        { name: 'replication', check: () => Promise.reject(new Error('not streaming')) },
      ],
    });
    const answer = await app.request('/ready');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      status: 503,
      code: 'not_ready',
      detail: 'Not well: replication.',
      checks: [
        { name: 'postgres', ok: true },
        { name: 'replication', ok: false, reason: 'not streaming' },
      ],
    });
  });

  it.each([
    '//api/v1/auth/me',
    '/api/v1/auth/me/',
    '/api/v1/auth/%6De',
    '/api//v1/auth/me',
    '/api/v1/auth/./me/%2e',
  ])('invariant 8: has one spelling of a route; %s is 404', async (path) => {
    const { accessToken } = await auth.login();
    const answer = await auth.app.fetch(
      new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${accessToken}` } }),
    );
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('answers bodies that are no JSON, too large or missing with a problem', async () => {
    const send = (body: string, type = 'application/json') =>
      auth.app.request('/api/v1/auth/login', { method: 'POST', headers: { 'content-type': type }, body });
    expect([await send('{"email":'), await send(''), await send('null')].map(({ status }) => status)).toEqual(
      [400, 400, 400],
    );
    const large = await send(JSON.stringify({ email: 'x'.repeat(1_200_000) }));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: 'body_too_large' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'takes no body as %s, which any page may have a browser send',
    async (type) => {
      const { email, password } = await auth.login();
      const send = (contentType: string) =>
        auth.app.request('/api/v1/auth/login', {
          method: 'POST',
          headers: { 'content-type': contentType },
          body: JSON.stringify({ email, password }),
        });
      expect((await send(type)).status).toBe(415);
      expect((await send('application/json')).status).toBe(200);
    },
  );

  it('refuses a request that tells its length in two ways', async () => {
    const listening = await listen(auth.app, '127.0.0.1', 0);
    const twice = { 'content-length': '5', 'transfer-encoding': 'chunked' };
    const request = { method: 'POST', target: '/api/v1/auth/login', headers: twice };
    const answer = await rawAnswer(listening.url, request);
    await listening.close();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/^HTTP/gm)).toHaveLength(1);
  });

  it('sends no request back, and none of its headers', async () => {
    const listening = await listen(auth.app, '127.0.0.1', 0);
    const request = { method: 'TRACE', target: '/health', headers: { 'x-secret': 'hush' } };
    const answer = await rawAnswer(listening.url, request);
    await listening.close();
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).not.toContain('hush');
  });

  it('tells nothing of the inside when something breaks', async () => {
    const broken = await createTestDatabase();
    const brokenAuth = await createTestAuth(broken);
    await broken.pool.query('DROP TABLE users CASCADE');
    const answer = await brokenAuth.post('/api/v1/auth/login', { email: 'a@halo.example', password: 'x' });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toMatch(/relation|users|SELECT|node_modules|\.ts/);
    brokenAuth.remove();
    await broken.drop();
  });

  it('describes itself in OpenAPI 3.1, browsable without anything from outside', async () => {
    const document = (await (await auth.get('/openapi.json')).json()) as { openapi: string; paths: object };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/api/v1/auth/login');
    const page = await (await auth.get('/docs')).text();
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(source).toMatch(/^\//);
      expect((await auth.get(source!)).status).toBe(200);
    }
  });

  it('carries security headers and counts requests by route', async () => {
    for (const [path, sources] of [
      ['/health', "default-src 'self'"],
      ['/api/v1/auth/me', "default-src 'self'"],
      ['/docs', "default-src 'self'"],
      ['/nowhere', "default-src 'self'"],
      ['/v1/nowhere', "default-src 'none'"],
    ] as const) {
      const { headers } = await auth.get(path);
      const policy = headers.get('content-security-policy');
      expect(policy, path).toContain(sources);
      for (const directive of ["base-uri 'none'", "frame-ancestors 'none'"])
        expect(policy, path).toContain(directive);
      expect(policy, path).not.toContain('unsafe-inline');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
    expect((await auth.get('/docs')).headers.get('referrer-policy')).toBe('no-referrer');
    expect((await auth.get('/docs')).headers.get('content-security-policy')).toContain("object-src 'none'");
    const metrics = await (await auth.get('/metrics')).text();
    expect(metrics).toMatch(
      /halo_http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\} \d/,
    );
  });

  it('names a port that is in use, and frees its own when it closes', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(listen(auth.app, '127.0.0.1', port)).rejects.toMatchObject({
      code: 'port_in_use',
      field: 'PORT',
    });
    await new Promise((resolve) => other.close(resolve));
    const listening = await listen(auth.app, '127.0.0.1', port);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    await listening.close();
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });
});
