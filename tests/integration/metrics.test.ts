import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { accessToken, OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { reportArgs } from './mutations-support.ts';

let database: TestDatabase;
let server: TestServer;
let authorization: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertCounties(database.pool, ['01']);
  server = await startServerProcess(database.url);
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
