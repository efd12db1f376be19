import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../server/http/app.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { consoleApp, fieldApp } from '../../server/http/static-routes.ts';
import { createLogger } from '../../server/platform/logger.ts';

let dir: string;
let app: ReturnType<typeof createApp>;
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), 'halo-static-'));
  dir = join(root, 'dist');
  mkdirSync(join(dir, 'assets'), { recursive: true });
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Field app</title>');
  writeFileSync(join(dir, 'sw.js'), 'self.skipWaiting()');
  writeFileSync(join(dir, 'halo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(dir, 'assets', 'index-BxU9qV3a.js'), 'export {}');
  writeFileSync(join(dir, 'assets', 'pglite-C0ffee12.wasm'), 'wasm');
  writeFileSync(join(root, 'secret.txt'), 'outside');
  app = appWith(dir);
});
afterAll(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

function appWith(staticDir: string) {
  return createApp({
    routers: [],
    logger: createLogger('silent'),
    metrics: createMetrics(),
    version: 'test',
    readiness: [],
    webApps: [fieldApp(staticDir), consoleApp(staticDir)],
  });
}

it.each([
  ['/', 'text/html; charset=utf-8', 'no-cache'],
  ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
  ['/halo.svg', 'image/svg+xml; charset=utf-8', 'no-cache'],
  ['/console', 'text/html; charset=utf-8', 'no-cache'],
  [
    '/console/assets/index-BxU9qV3a.js',
    'text/javascript; charset=utf-8',
    'public, max-age=31536000, immutable',
  ],
  ['/assets/index-BxU9qV3a.js', 'text/javascript', 'public, max-age=31536000, immutable'],
  ['/assets/pglite-C0ffee12.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
])('serves %s as %s, cached as %s', async (path, type, cacheControl) => {
  const answer = await app.request(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain(type);
  expect(answer.headers.get('cache-control')).toBe(cacheControl);
  const etag = answer.headers.get('etag')!;
  expect((await app.request(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const head = await app.request(path, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
    200,
    String((await answer.text()).length),
    '',
  ]);
});

it('answers pages of the console to a browser that goes there, and to nothing else', async () => {
  const at = (path: string, mode: string) =>
    app.request(path, { headers: { accept: 'text/html', 'sec-fetch-mode': mode } });
  for (const path of [
    '/console/devices',
    '/console/devices/01936d2a-0000-7000-8000-0000000000e1?rows=areas',
  ]) {
    const answer = await at(path, 'navigate');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(answer.headers.get('content-security-policy')).toContain("style-src 'self';");
    expect((await at(path, 'no-cors')).status).toBe(404);
  }
});

it.each([
  '/secret.txt',
  '/console/',
  '/console/../secret.txt',
  '/console/devices/a/b',
  '/console/assets/index-Gone1234.js',
  '/consoles',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets',
  '/assets/',
  '/assets/index-Gone1234.js',
  '//sw.js',
  '/s%77.js',
  '/api/v1/nothing',
  '/v1/nothing',
])('gives %s to nobody, not even the page to a browser that goes there', async (path) => {
  const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
  const answer = await app.fetch(new Request(`http://localhost${path}`, { headers: navigation }));
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});

it('answers problems where the app has not been built', async () => {
  expect((await appWith(join(dir, 'nowhere')).request('/')).status).toBe(404);
});
