import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { ServiceToken } from '@halo/shapes/protocol/service-tokens.ts';
import { SCOPES } from '@halo/shapes/taxonomy/scopes.ts';
import type { Scope } from '@halo/shapes/taxonomy/scopes.ts';
import { ROUTE_SCOPES } from '../../server/auth/route-scopes.ts';
import { exampleRequest, operationsOf } from '../support/api-document.ts';
import type { Operation } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken, OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const TOKENS = '/api/v1/admin/service-tokens';

let database: TestDatabase;
let server: TestServer;
let operator: string;
let operations: Operation[];
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServerProcess(database.url);
  await eventually(async () => (await fetch(`${server.url}/ready`)).ok);
  operator = await accessToken(server.url, OPERATOR);
  operations = operationsOf(await (await fetch(`${server.url}/openapi.json`)).json());
});
afterAll(async () => {
  await stopServerProcess(server);
  await database.drop();
});

const ask = (method: string, path: string, token: string, body?: unknown, headers: object = {}) =>
  fetch(server.url + path, {
    method,
    headers: {
      ...headers,
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function make(scopes: readonly Scope[]): Promise<{ serviceToken: ServiceToken; token: string }> {
  const answer = await ask('POST', TOKENS, operator, { name: 'Alarm centre', scopes, expiresInDays: 30 });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { serviceToken: ServiceToken; token: string };
}

const routeOf = ({ method, path }: Operation) =>
  `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

it('invariant 8: each scope opens the routes that it names, and every other route refuses it', async () => {
  const routes = new Set(operations.map(routeOf));
  for (const named of Object.values(ROUTE_SCOPES).flat()) expect(routes, named).toContain(named);
  for (const scope of SCOPES) {
    const { token } = await make([scope]);
    for (const operation of operations.filter(({ guarded }) => guarded)) {
      const { method, path, body, headers } = exampleRequest(operation);
      const answer = await ask(method, path, token, operation.hasBody ? (body ?? {}) : undefined, headers);
      const name = `${scope}: ${routeOf(operation)}: ${await answer.clone().text()}`;
      const code = answer.ok ? undefined : ((await answer.json()) as { code: string }).code;
      if (ROUTE_SCOPES[scope].includes(routeOf(operation))) {
        expect([401, 403], name).not.toContain(answer.status);
        expect(answer.status, name).toBeLessThan(500);
      } else expect([answer.status, code], name).toEqual([403, 'scope_missing']);
    }
  }
});

it('invariant 8: a service token sees what a reporter sees', async () => {
  const { token } = await make(SCOPES);
  const shape = (name: string, query: string) => ask('GET', `/v1/shapes/${name}?offset=-1${query}`, token);
  expect((await shape('areas', '')).status).toBe(200);
  expect((await shape('audit_log', '')).status).toBe(403);
  expect((await shape('incident_transitions', '&region=01')).status).toBe(403);
  expect((await ask('GET', '/v1/shapes/audit_log?offset=-1', operator)).status).toBe(200);
});

it('invariant 8: what is open with a service token ends when it is revoked, and its secret is kept nowhere', async () => {
  const { token, serviceToken } = await make(['shapes:read', 'reports:write']);
  const { rows } = await database.pool.query<{ kept: string }>(
    'SELECT to_jsonb(t)::text AS kept FROM service_tokens t WHERE id = $1',
    [serviceToken.id],
  );
  expect(rows[0]!.kept).not.toContain(token);
  const first = await ask('GET', '/v1/shapes/areas?offset=-1', token);
  await first.text();
  const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) => first.headers.get(name)!);
  const live = `/v1/shapes/areas?offset=${offset}&handle=${handle}&live=true`;
  const stream = await ask('GET', `${live}&live_sse=true`, token);
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  const poll = ask('GET', live, token);
  const revoked = await ask('DELETE', `${TOKENS}/${serviceToken.id}`, operator);
  expect(await revoked.json()).toMatchObject({ state: 'revoked' });
  await stream.text().catch(() => '');
  expect((await poll).status, 'a poll that nobody ends is answered 200').toBe(401);
  expect((await ask('GET', live, token)).status).toBe(401);
  const listed = (await (await ask('GET', `${TOKENS}?state=revoked`, operator)).json()) as {
    serviceTokens: ServiceToken[];
  };
  expect(listed.serviceTokens.map(({ id }) => id)).toContain(serviceToken.id);
  const log = await ask('GET', `/api/v1/admin/audit-log?targetId=${serviceToken.id}`, operator);
  const { entries } = (await log.json()) as { entries: AuditEntry[] };
  expect(entries.map(({ action }) => action)).toEqual(['service_token.revoked', 'service_token.made']);
  expect(JSON.stringify(entries)).not.toContain(token);
});

it('a service token that has run out, or was never made, opens nothing', async () => {
  const { token, serviceToken } = await make(['areas:read']);
  expect((await ask('GET', '/api/v1/areas', token)).status).toBe(200);
  const { rows } = await database.pool.query(
    `UPDATE service_tokens SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
     WHERE id = $1 RETURNING last_used_at IS NOT NULL AS used`,
    [serviceToken.id],
  );
  expect(rows).toEqual([{ used: true }]);
  const late = await ask('GET', '/api/v1/areas', token);
  expect([late.status, await late.json()]).toMatchObject([401, { code: 'token_expired' }]);
  const unknown = await ask('GET', '/api/v1/areas', `${token.slice(0, -1)}_`);
  expect([unknown.status, await unknown.json()]).toMatchObject([401, { code: 'token_invalid' }]);
});
