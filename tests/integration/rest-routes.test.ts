import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { exampleRequest, operationsOf } from '../support/api-document.ts';
import type { Operation } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { fillDatabase } from './rest-full-database.ts';

type Asking = Role | 'nobody' | 'forger';

let database: TestDatabase;
let server: TestServer;
let operations: Operation[];
const tokens = new Map<Asking, string>([['forger', 'forged.token.here']]);
const ids: { reporter: string; other: string } = { reporter: '', other: '' };

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServerProcess(database.url);
  await eventually(async () => (await fetch(`${server.url}/ready`)).ok);
  const reporter = await registerAccount(server.url, 'reporter');
  const officer = await registerAccount(server.url, 'officer');
  await database.pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [officer.id]);
  Object.assign(ids, { reporter: reporter.id, other: officer.id });
  tokens.set('reporter', await accessToken(server.url, reporter));
  tokens.set('officer', await accessToken(server.url, officer));
  tokens.set('operator', await accessToken(server.url, OPERATOR));
  operations = operationsOf(await (await fetch(`${server.url}/openapi.json`)).json());
});
afterAll(async () => {
  await stopServerProcess(server);
  await database.drop();
});

async function ask(operation: Operation, asking: Asking): Promise<Response> {
  const { method, path, headers, body } = exampleRequest(operation);
  const token = tokens.get(asking);
  return fetch(server.url + path, {
    method,
    headers: {
      ...headers,
      // Each asks for himself.
      ...(headers['Idempotency-Key'] === undefined ? {} : { 'idempotency-key': crypto.randomUUID() }),
      ...(operation.hasBody ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(operation.hasBody ? { body: JSON.stringify(body ?? {}) } : {}),
  });
}

/** Asks every route as everybody; resolves with the statuses by route. */
async function askAll(): Promise<Map<string, Partial<Record<Asking, number>>>> {
  const statuses = new Map<string, Partial<Record<Asking, number>>>();
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`;
    const found: Partial<Record<Asking, number>> = {};
    for (const asking of ['nobody', 'forger', 'reporter', 'officer', 'operator'] as const) {
      const answer = await ask(operation, asking);
      const text = await answer.text();
      found[asking] = answer.status;
      expect(answer.status, `${name} as ${asking}: ${text}`).toBeLessThan(500);
      if (operation.guarded && (asking === 'nobody' || asking === 'forger'))
        expect(answer.status, `${name} as ${asking}`).toBe(401);
      if (operation.tags.includes('operators') && (asking === 'reporter' || asking === 'officer'))
        expect(answer.status, `${name} as ${asking}`).toBe(403);
      if (operation.tags.includes('decisions') && asking === 'reporter')
        expect(answer.status, `${name} as ${asking}`).toBe(403);
      expect(answer.headers.get('set-cookie'), name).toBeNull();
      // What an account may read is nothing for a cache on the way.
      if (operation.guarded && operation.path.startsWith('/api/'))
        expect(answer.headers.get('cache-control'), name).toMatch(/private|no-store/);
      if (answer.status < 400) continue;
      expect(answer.headers.get('content-type'), name).toBe('application/problem+json');
      expect((JSON.parse(text) as { code: string }).code, name).toMatch(/^[a-z0-9_]+$/);
    }
    statuses.set(name, found);
  }
  return statuses;
}

it('invariant 8: no route breaks on an empty database, or answers whom it is not for', async () => {
  const statuses = await askAll();
  expect(operations.length).toBeGreaterThan(30);
  const everybody = { nobody: 401, forger: 401, reporter: 200, officer: 200, operator: 200 };
  for (const path of [
    '/incidents',
    '/incidents/stats/summary',
    '/map/cells',
    '/reports/stats',
    '/reports/mine',
    '/predictions/hotspots',
    '/predictions/stats',
    '/predictions/model',
  ])
    expect(statuses.get(`get /api/v1${path}`), path).toEqual(everybody);
  expect(statuses.get('get /api/v1/incidents/{id}')).toMatchObject({ reporter: 404, operator: 404 });
});

it('invariant 8: no route breaks on a full one, or answers whom it is not for', async () => {
  await fillDatabase(database.pool, ids);
  const statuses = await askAll();
  for (const [name, found] of statuses) {
    if (!name.startsWith('get /api/v1/') || name.includes('/areas/')) continue;
    const [reporter, officer] = name.includes('/admin/')
      ? [403, 403]
      : [name.endsWith('/matches') ? 403 : 200, 200];
    expect(found, name).toMatchObject({ nobody: 401, forger: 401, reporter, officer, operator: 200 });
  }
});

it('keeps what it stores in directories that nobody else may enter', () => {
  const directories = readdirSync(server.dataDir, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(directories.length).toBeGreaterThan(1);
  for (const { name } of directories)
    expect((statSync(join(server.dataDir, name)).mode & 0o777).toString(8), name).toBe('700');
});
