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

// As Chromium sends it: with Fetch Metadata to a trustworthy origin alone, which plain HTTP from another machine is not.
const BROWSER_ACCEPT = 'application/xhtml+xml,Text/HTML;q=0.9,*/*;q=0.8';

it.each(['/app/reports', '/app', '/console/devices', '/console/devices/01936d2a?rows=areas'])(
  'answers the page %s to a browser that does not say how it goes there, and to no program',
  async (path) => {
    const at = (headers: Record<string, string>) => app.request(path, { headers });
    const answer = await at({ accept: BROWSER_ACCEPT });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    // A cache in between must not give a program the page, nor a browser that it is not there.
    expect(answer.headers.get('vary')).toBe('Sec-Fetch-Mode, Accept');
    const kept = await at({ accept: BROWSER_ACCEPT, 'if-none-match': answer.headers.get('etag')! });
    expect([kept.status, kept.headers.get('vary')]).toEqual([304, 'Sec-Fetch-Mode, Accept']);
    for (const headers of [
      {},
      { accept: '*/*' },
      { accept: 'application/json, text/htmlx, x-text/html' },
      { accept: BROWSER_ACCEPT, 'sec-fetch-mode': 'cors' },
    ]) {
      const refused = await at(headers);
      expect([refused.status, refused.headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect(refused.headers.get('vary')).toBe('Sec-Fetch-Mode, Accept');
    }
    expect((await app.request(path, { method: 'POST', headers: { accept: BROWSER_ACCEPT } })).status).toBe(
      404,
    );
  },
);

it.each([
  ['/console/', '/console'],
  ['/console/?from=//evil.example', '/console?from=//evil.example'],
  ['/console/devices/', '/console/devices'],
  ['/app/reports/', '/app/reports'],
])('leads a browser from %s to %s, and no program', async (path, page) => {
  for (const headers of [{ 'sec-fetch-mode': 'navigate' }, { accept: BROWSER_ACCEPT }]) {
    const answer = await app.request(path, { headers });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, page]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }
  expect((await app.request(path, { headers: { accept: '*/*' } })).status).toBe(404);
  const post = await app.request(path, { method: 'POST', headers: { accept: BROWSER_ACCEPT } });
  expect(post.status).toBe(404);
});

it.each([
  '/secret.txt',
  '/console//',
  '//console/',
  '/console//evil.example/',
  '//evil.example/console/',
  '/%2fevil.example/',
  '/console%2f',
  '/%63onsole/',
  '/console/%2fevil.example/',
  '/console/..//',
  '/console/assets/',
  '//',
  '/app//',
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
  '/api/v1/nothing/',
  '/v1/nothing',
  '/v1/shapes/nothing',
  '/ws/',
])('gives %s to nobody, not even the page to a browser that goes there', async (path) => {
  const saying = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
  for (const headers of [saying, { accept: BROWSER_ACCEPT }]) {
    const answer = await app.fetch(new Request(`http://localhost${path}`, { headers }));
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  }
});

it('answers problems where the app has not been built', async () => {
  expect((await appWith(join(dir, 'nowhere')).request('/')).status).toBe(404);
});
