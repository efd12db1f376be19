import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { cors } from './cors.ts';

const APP = 'https://app.example';

function server(origins: readonly string[]) {
  const app = new Hono();
  app.use(cors(origins));
  app.get('*', (c) => c.text('here', 200, { 'electric-handle': 'h' }));
  return (path: string, origin: string, method = 'GET') =>
    app.request(path, {
      method,
      headers: { origin, ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : {}) },
    });
}

it('lets listed origins ask and read the headers of the protocol, and no other', async () => {
  const ask = server([APP, 'http://localhost:5173']);
  const mine = await ask('/v1/shapes/incidents', APP);
  expect(mine.headers.get('access-control-allow-origin')).toBe(APP);
  expect(mine.headers.get('vary')).toMatch(/origin/i);
  for (const name of ['electric-handle', 'electric-offset', 'halo-head', 'ratelimit', 'retry-after'])
    expect(mine.headers.get('access-control-expose-headers')?.split(',')).toContain(name);
  expect(mine.headers.get('access-control-allow-credentials')).toBeNull();
  const other = await ask('/v1/shapes/incidents', 'https://app.example.evil.example');
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});

it('answers preflights of listed origins', async () => {
  const ask = server([APP]);
  const asked = await ask('/v1/mutations', APP, 'OPTIONS');
  expect(asked.status).toBe(204);
  expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
  expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
  const other = await ask('/v1/mutations', 'null', 'OPTIONS');
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});

it.each([
  ['without a list', [], '/v1/shapes/incidents'],
  ['of the apps themselves', [APP], '/'],
  ['of the raw endpoint, which has its own', [APP], '/v1/shape'],
])('says nothing %s', async (_, origins, path) => {
  const answer = await server(origins)(path, APP);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});
