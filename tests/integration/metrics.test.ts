import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { messageOf } from '../../server/platform/errors.ts';
import { operationsOf } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import { runbookCommands } from '../support/runbook-commands.ts';
import type { TestServer } from '../support/server.ts';
import { reportArgs } from './mutations-support.ts';

const METRICS_TOKEN = 'a-secret-of-the-metrics';

let database: TestDatabase;
let server: TestServer;
let authorization: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertCounties(database.pool, ['01']);
  server = await startServerProcess(database.url, { env: { HALO_METRICS_TOKEN: METRICS_TOKEN } });
  authorization = `Bearer ${await accessToken(server.url, OPERATOR)}`;
});
afterAll(async () => {
  await stopServerProcess(server);
  await database.drop();
});

function repositoryFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

async function metricsText(): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

/** The value of a series; NaN where there is none. */
async function valueOf(series: string): Promise<number> {
  const line = (await metricsText()).split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

function mutationOf(seq: number, args: unknown) {
  return { seq, id: uuidv7(), type: 'report.create', createdAt: new Date().toISOString(), args };
}

async function send(deviceId: string, mutation: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/v1/mutations`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId, mutations: [mutation] }),
  });
  expect(answer.status).toBe(200);
}

it('counts mutations by what they came to, and times their settling', async () => {
  const deviceId = crypto.randomUUID();
  const report = mutationOf(1, reportArgs({ occurredAt: new Date().toISOString() }));
  await send(deviceId, report);
  await send(deviceId, report);
  await send(deviceId, mutationOf(2, { type: 'nonsense' }));
  expect(await valueOf('halo_mutations_total{result="applied"}')).toBe(1);
  expect(await valueOf('halo_mutations_total{result="replayed"}')).toBe(1);
  expect(await valueOf('halo_mutations_total{result="invalid_args"}')).toBe(1);
  expect(await valueOf('halo_mutations_settle_seconds_count')).toBe(3);
});

it('times a transaction into the log, onto the disk, and out to whoever waits for it', async () => {
  const first = await fetch(`${server.url}/v1/shapes/incidents?region=01&offset=-1`, {
    headers: { authorization },
  });
  const handle = first.headers.get('electric-handle')!;
  const live = (offset: string) =>
    fetch(`${server.url}/v1/shapes/incidents?region=01&live=true&handle=${handle}&offset=${offset}`, {
      headers: { authorization },
    });
  let offset = first.headers.get('electric-offset')!;
  const caughtUp = await fetch(
    `${server.url}/v1/shapes/incidents?region=01&handle=${handle}&offset=${offset}`,
    { headers: { authorization } },
  );
  offset = caughtUp.headers.get('electric-offset')!;
  const before = await valueOf('halo_shape_delivery_seconds_count');
  const waiting = live(offset);
  await eventually(async () => expect(await valueOf('halo_shape_readers_waiting')).toBeGreaterThan(0));
  await insertIncident(database.pool, { region: '01' });
  const answer = await waiting;
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('"insert"');
  await eventually(async () => {
    expect(await valueOf('halo_shape_delivery_seconds_count')).toBe(before + 1);
    expect(await valueOf('halo_change_log_append_seconds_count')).toBeGreaterThan(0);
    expect(await valueOf('halo_change_log_durable_seconds_count')).toBeGreaterThan(0);
  });
  expect(await valueOf('halo_shape_delivery_seconds_bucket{le="30"}')).toBe(before + 1);
});

it('tells of connections, jobs, and how long the event loop was held up', async () => {
  expect(await valueOf('halo_db_connections{state="idle"}')).toBeGreaterThan(0);
  expect(await valueOf('halo_db_connection_wait_seconds_count')).toBeGreaterThan(0);
  expect(await valueOf('halo_jobs_failed_total{job="abandoned-slots"}')).toBe(0);
  expect(await valueOf('halo_job_last_success_timestamp_seconds{job="retrain"}')).toBeGreaterThanOrEqual(0);
  expect(await valueOf('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
});

it('has every metric that the dashboard asks for', async () => {
  const { panels } = JSON.parse(repositoryFile('docs/grafana/halo.json')) as {
    panels: { targets?: { expr: string; datasource: { uid: string } }[] }[];
  };
  const targets = panels.flatMap((panel) => panel.targets ?? []);
  expect(targets.length).toBeGreaterThan(40);
  for (const { datasource } of targets) expect(datasource.uid).toBe('${datasource}');
  const asked = new Set(
    targets.flatMap(({ expr }) => expr.match(/\b(?:halo|nodejs|process)_[a-z0-9_]+/g) ?? []),
  );
  // Two looks: what comes of facts in Postgres is there after the first one.
  await eventually(async () => expect(await valueOf('halo_facts_age_seconds')).toBeGreaterThanOrEqual(0));
  const there = new Set((await metricsText()).match(/^[a-z0-9_]+(?=[{ ])/gm));
  // Series without values on a new server are declared all the same.
  const declared = new Set([...(await metricsText()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
  expect([...asked].filter((name) => !there.has(name) && !declared.has(name))).toEqual([]);
});

it('names requests by their route alone, whatever was asked for', async () => {
  const secret = `secret-${crypto.randomUUID()}`;
  for (const path of [`/v1/shapes/${secret}`, `/${secret}`, `/api/v1/areas/${secret}?q=${secret}`])
    await fetch(server.url + path, { headers: { authorization } });
  await fetch(server.url, { method: 'PROPFIND' });
  const text = await metricsText();
  expect(text).not.toContain(secret);
  expect(text).not.toContain('PROPFIND');
});

it('answers its own machine, and from elsewhere whoever has the secret, the scope, or is an operator', async () => {
  const ask = async (
    token?: string,
    path = '/metrics',
    headers: Record<string, string> = { 'x-forwarded-for': '192.0.2.7' },
  ) => {
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(server.url + path, { headers: { ...headers, ...bearer } });
    const { code } = answer.ok ? { code: 'ok' } : ((await answer.json()) as { code: string });
    return code;
  };
  const serviceToken = async (scope: string) => {
    const answer = await fetch(`${server.url}/api/v1/admin/service-tokens`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ name: scope, scopes: [scope], expiresInDays: 1 }),
    });
    return ((await answer.json()) as { token: string }).token;
  };
  const { email, password } = await registerAccount(server.url, 'metrics');
  expect(await ask(undefined, '/metrics', {})).toBe('ok');
  expect(await ask()).toBe('token_missing');
  expect(await ask(undefined, '/metrics', { forwarded: 'for=192.0.2.7' })).toBe('token_missing');
  expect(await ask('another-secret-of-metrics')).toBe('token_invalid');
  expect(await ask(METRICS_TOKEN)).toBe('ok');
  expect(await ask(authorization.slice('Bearer '.length))).toBe('ok');
  expect(await ask(await serviceToken('metrics:read'))).toBe('ok');
  expect(await ask(await serviceToken('areas:read'))).toBe('scope_missing');
  expect(await ask(await accessToken(server.url, { email, password }))).toBe('forbidden');
  for (const spelling of ['//metrics', '/%6detrics', '/metrics/', '/METRICS', '/./metrics'])
    expect(await ask(undefined, spelling), spelling).not.toBe('ok');
  expect(await ask(undefined, '/health')).toBe('ok');
});

it('the commands of the runbook work as they are written', async () => {
  const { sql, requests, routes, metrics, named } = runbookCommands();
  expect([sql, requests, routes, metrics, named].map((found) => found.length > 1)).toEqual(
    Array(5).fill(true),
  );
  for (const written of sql) {
    // What whoever is called fills in.
    const statement = written.replaceAll('…', '000000000000');
    // What ends a session or drops a slot is only understood, not done.
    const isDone = !/pg_terminate_backend|pg_drop_replication_slot/.test(statement);
    await database.pool.query(isDone ? statement : `EXPLAIN ${statement}`).catch((error: unknown) => {
      throw new Error(`${messageOf(error)}: ${statement}`);
    });
  }

  const operations = operationsOf(await (await fetch(`${server.url}/openapi.json`)).json());
  const operationAt = (method: string, path: string) =>
    operations.find((one) => {
      const template = new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
      return one.method === method.toLowerCase() && (one.path === path || template.test(path));
    });
  for (const { method, path } of [...requests, ...routes]) {
    const [route, query] = path.split('?');
    const operation = operationAt(method, route!);
    expect(operation, `${method} ${path}`).toBeDefined();
    const parameters = operation!.parameters.map(({ name }) => name);
    expect(parameters, path).toEqual(expect.arrayContaining([...new URLSearchParams(query).keys()]));
  }
  await eventually(async () => expect((await fetch(`${server.url}/ready`)).status).toBe(200));
  for (const { method, path } of requests) {
    if (method !== 'GET' || path.includes('{')) continue;
    const answer = await fetch(server.url + path, { headers: { authorization } });
    expect(answer.status, path).toBe(200);
  }
  await eventually(async () => expect(await valueOf('halo_facts_age_seconds')).toBeGreaterThanOrEqual(0));
  const text = await metricsText();
  // A series that has no value yet on a new server is declared.
  const declared = text.replaceAll('# TYPE ', '');
  for (const pattern of metrics) expect(declared, pattern).toMatch(new RegExp(pattern, 'm'));
  for (const name of named) expect(text, name).toMatch(new RegExp(`^# TYPE ${name} `, 'm'));
});
