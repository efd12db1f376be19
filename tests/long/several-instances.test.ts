import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { incidents } from '@halo/shapes/catalog/incidents.ts';
import { myMutations } from '@halo/shapes/catalog/my-mutations.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { beforeAll, expect, it, onTestFailed, onTestFinished } from 'vitest';
import { MAX_FAILED_LOGINS } from '../../server/auth/login-limit.ts';
import { ANONYMOUS_PER_ADDRESS } from '../../server/compose/rate-limits.ts';
import type { Pool } from '../../server/db/pool.ts';
import { hasNginx, startBalancer } from '../support/balancer.ts';
import type { Balancer } from '../support/balancer.ts';
import { useTestDatabase } from '../support/database.ts';
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
import { WireDevice } from '../support/wire-device.ts';
import { sampleReport } from '../integration/client-samples.ts';

const DEVICES = 200;
const ACCOUNTS = 20;
/** Of the devices, so many follow a county in which nothing happens. */
const QUIET = 10;
/** Each device reports so often, and on until instances have come and gone, but not without end. */
const ROUNDS = { least: 3, most: 60 };
const PAUSE_MS = { least: 3_000, spread: 6_000 };
const WITHIN = { withinMs: 120_000, everyMs: 250 };
const FEED_EVERY_S = 10;

interface Place {
  readonly region: string;
  readonly lat: number;
  readonly lon: number;
}

/** Three instances on one database behind a balancer, and what they take from outside. */
interface House {
  readonly database: TestDatabase;
  readonly servers: readonly [TestServer, TestServer, TestServer];
  readonly balancer: Balancer;
  readonly dir: string;
  start(): Promise<TestServer>;
}

async function openHouse(): Promise<House> {
  const database = await useTestDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'halo-several-'));
  const feed = join(dir, 'feed.json');
  writeFileSync(feed, JSON.stringify([feedEvent(3), feedEvent(2), feedEvent(1)]));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const start = async () => {
    const server = await startServerProcess(database.url, {
      env: {
        HALO_TRUSTED_PROXIES: '1',
        HALO_RATE_LIMIT: 'shared',
        POLISEN_FEED_URL: pathToFileURL(feed).href,
        POLISEN_SCHEDULE: `*/${FEED_EVERY_S} * * * * *`,
        RETRAIN_SCHEDULE: '* * * * *',
      },
    });
    onTestFinished(() => stopServerProcess(server));
    onTestFailed(() => void process.stderr.write(server.process.output()));
    return server;
  };
  const servers = [await start(), await start(), await start()] as const;
  return { database, servers, balancer: await startBalancer(servers), dir, start };
}

/** An event of the police, of a municipality. */
function feedEvent(id: number): Record<string, unknown> {
  return {
    id,
    datetime: `${new Date(Date.now() - id * 60_000).toISOString().slice(0, 19).replace('T', ' ')} +00:00`,
    name: `${id} januari 08.02, Rån, Malmö`,
    summary: `Ett rån, nummer ${id}.`,
    url: `/aktuellt/handelser/${id}/`,
    type: 'Rån',
    location: { name: 'Malmö', gps: '55.604981,13.003822' },
  };
}

/** A municipality of each county. */
async function placesOf(pool: Pool): Promise<Place[]> {
  const { rows } = await pool.query<Place>(
    `SELECT DISTINCT ON (parent_code) parent_code AS region, lat, lon FROM areas WHERE kind = 'municipality' ORDER BY parent_code, code`,
  );
  return rows;
}

const near = ({ lat, lon }: Place) => ({
  lat: lat + (Math.random() - 0.5) / 50,
  lon: lon + (Math.random() - 0.5) / 50,
});

/** Rows of a shape as Postgres has them, each as the texts of the wire. */
async function truthOf(pool: Pool, shape: ShapeDefinition, value: string): Promise<string[]> {
  const { rows } = await pool.query<(string | null)[]>({
    text: `SELECT ${shape.columns.map(({ name }) => name).join(', ')} FROM ${shape.table} WHERE ${shape.where}`,
    values: [value],
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  });
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

/** Ends each test's wait for what has begun, however it ends. */
async function reportUntil(device: WireDevice, place: Place, isOver: () => boolean): Promise<void> {
  for (let round = 0; round < ROUNDS.least || (!isOver() && round < ROUNDS.most); round += 1) {
    await delay(PAUSE_MS.least + Math.random() * PAUSE_MS.spread);
    await device.report(1 + (round % 2), `round ${round}`, () => near(place));
  }
}

/** Asks for a retraining through the balancer. */
async function retrain(url: string, authorization: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/admin/retrain/trigger`, {
    method: 'POST',
    headers: { authorization },
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Posts from another address of this machine, claiming a new one each time; resolves with the status. */
function postFrom(address: string, url: string, body: unknown): Promise<number> {
  const claimed = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join('.');
  return new Promise((resolve, reject) => {
    request(
      url,
      {
        method: 'POST',
        localAddress: address,
        headers: { 'content-type': 'application/json', 'x-forwarded-for': claimed },
      },
      (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)),
    )
      .on('error', reject)
      .end(JSON.stringify(body));
  });
}

const countOf = (statuses: readonly number[], wanted: number) =>
  statuses.filter((status) => status === wanted).length;

/** How many requests of a route each instance has answered. */
async function answered({ url }: TestServer, route: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.includes(`_count{`) && line.includes(`"${route}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const isThere = hasNginx();
beforeAll(() => {
  if (!isThere) process.stderr.write('skipped: several instances behind a balancer\n');
});

it.skipIf(!isThere)(
  'invariants 2, 5 and 6: 200 devices over three instances, one killed, one added, one drained: nothing lost, doubled or fetched again',
  async () => {
    const { database, servers, balancer, dir, start } = await openHouse();
    const { pool } = database;
    const [doomed, drained, kept] = servers;
    const places = await placesOf(pool);
    const tokens: string[] = [];
    const users: string[] = [];
    for (let n = 0; n < ACCOUNTS; n += 1) {
      const account = await registerAccount(balancer.url, `account-${n}`);
      users.push(account.id);
      tokens.push(await accessToken(balancer.url, account));
    }
    // In the last county nothing happens: who follows it waits as long as a wait may take.
    const quiet = places.pop()!;
    const devices = Array.from({ length: DEVICES }, (_, n) => {
      const { region } = n < QUIET ? quiet : places[n % places.length]!;
      return new WireDevice(balancer.url, tokens[n % ACCOUNTS]!, [
        { path: '/v1/shapes/incidents', query: { region } },
        { path: '/v1/shapes/my_mutations' },
      ]);
    });
    onTestFinished(() => devices.forEach((device) => device.stop()));
    const following = Promise.all(devices.map((device) => device.follow()));
    // A fault of a reader ends the test where it waits for them.
    following.catch(() => {});
    const replicas: Halo[] = [];
    for (const n of [0, 1]) {
      const replica = await openHalo({
        url: balancer.url,
        store: nodeStore(join(dir, `device-${n}`)),
        auth: await registerAccount(balancer.url, `replica-${n}`),
        shapes: [{ name: 'incidents', params: { region: places[n]!.region } }],
      });
      onTestFinished(() => replica.close());
      replicas.push(replica);
      await replica.whenLive();
    }
    const readers = devices.flatMap((device) => device.readers);
    await eventually(() => readers.every(({ offset }) => offset !== '-1'), WITHIN);
    // What is overdue at the start has run, so that who is killed has none of it in hand.
    await eventually(async () => {
      const { rows } = await pool.query(
        `SELECT FROM job_runs WHERE job = 'retrain' AND state <> 'running' LIMIT 1`,
      );
      expect(rows).toHaveLength(1);
    }, WITHIN);

    const settledReports = async () =>
      (await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM ledger')).rows[0]!.n;
    const settles = async (further: number) => {
      // A machine that others use, too, may make Postgres late: that is looked for again.
      const from = await eventually(settledReports, WITHIN);
      await eventually(async () => (await settledReports()) >= from + further, WITHIN);
    };
    await expectSharedLimits(balancer.url, servers);
    let isOver = false;
    const writing = Promise.all([
      ...devices.map((device, n) => reportUntil(device, places[n % places.length]!, () => isOver)),
      ...replicas.map(async (replica, n) => {
        for (let round = 0; round < 10; round += 1) {
          const report = sampleReport(`replica ${n}, round ${round}`);
          const location = { ...near(places[n]!), accuracyM: 10 };
          await replica.report({ ...report, occurredAt: new Date().toISOString(), location });
          await delay(PAUSE_MS.least);
        }
      }),
    ]);
    writing.catch(() => {});
    const acts = async () => {
      await settles(50);
      await doomed.process.kill('SIGKILL');
      const added = await start();
      // Not before its log reaches back to where those stand who have heard nothing new for a while.
      await eventually(async () => (await fetch(`${added.url}/ready`)).ok, WITHIN);
      await balancer.use([drained, kept, added]);
      await settles(50);
      expect(await drained.process.kill('SIGTERM')).toBe(0);
      await settles(50);
    };
    await Promise.race([acts(), following.then(() => Promise.reject(new Error('nobody follows')))]);
    isOver = true;
    await writing;
    await Promise.all(replicas.map((replica) => replica.whenSettled()));

    // Nothing lost or doubled of what was written.
    const reported = devices.flatMap((device) => device.reported);
    const { rows: ledger } = await pool.query<{ id: string }>(
      'SELECT id FROM ledger WHERE user_id = ANY ($1)',
      [users],
    );
    expect(ledger.map(({ id }) => id).toSorted()).toEqual(reported.toSorted());
    const { rows: counts } = await pool.query(
      `SELECT (SELECT count(*)::int FROM reports WHERE source = 'user') AS reports, (SELECT count(*)::int FROM reports WHERE source = 'official') AS official,
              (SELECT sum(report_count)::int FROM incidents WHERE merged_into IS NULL) AS in_incidents`,
    );
    const written = reported.length + 20;
    expect(counts).toEqual([{ reports: written, official: 3, in_incidents: written + 3 }]);

    // Nor of what was read, and nobody was told to fetch again.
    for (const [n, device] of devices.entries()) {
      const truths = [
        { shape: incidents, value: (n < QUIET ? quiet : places[n % places.length]!).region },
        { shape: myMutations, value: users[n % ACCOUNTS]! },
      ];
      for (const [index, { shape, value }] of truths.entries()) {
        const reader = device.readers[index]!;
        await eventually(async () => {
          const held = [...reader.rows.values()].map((row) =>
            JSON.stringify(shape.columns.map(({ name }) => row[name])),
          );
          expect(held.toSorted()).toEqual(await truthOf(pool, shape, value));
        }, WITHIN);
      }
    }
    const query = (region: string) =>
      `SELECT id::text, severity::int, report_count::int FROM incidents WHERE region = '${region}' AND NOT coalesce(past, false) ORDER BY id`;
    for (const [n, replica] of replicas.entries()) {
      const { region } = places[n]!;
      const { rows } = await pool.query(query(region));
      const local = query(region).replace(' AND NOT coalesce(past, false)', '');
      await eventually(async () => expect(await replica.query(local)).toEqual(rows), WITHIN);
    }
    expect(
      readers.filter(({ refetches }) => refetches > 0).map(({ path, offset }) => [path, offset]),
    ).toEqual([]);
    for (const device of devices) device.stop();
    await following;

    await expectJobsOnce(pool, balancer.url);
    const hindered = new Map<string, number>();
    for (const device of devices)
      for (const [kind, count] of device.hindered) hindered.set(kind, (hindered.get(kind) ?? 0) + count);
    process.stdout.write(
      `${reported.length} reports of ${DEVICES} devices; hindered: ${JSON.stringify([...hindered])}\n`,
    );
  },
  600_000,
);

/** Each tick had one run, whichever instance it was, and none began while another was under way. */
async function expectJobsOnce(pool: Pool, url: string): Promise<void> {
  const authorization = `Bearer ${await accessToken(url, OPERATOR)}`;
  const asked = await Promise.all(Array.from({ length: 6 }, () => retrain(url, authorization)));
  expect(asked.every((status) => status === 202 || status === 409)).toBe(true);
  const began = async () => {
    const { rows } = await pool.query<{ n: number; running: number }>(
      `SELECT count(*) FILTER (WHERE trigger = 'manual' AND job = 'retrain')::int AS n, count(*) FILTER (WHERE state = 'running')::int AS running FROM job_runs`,
    );
    return rows[0]!;
  };
  await eventually(async () => expect((await began()).running).toBe(0), WITHIN);
  expect((await began()).n).toBe(countOf(asked, 202));
  const { rows: overlaps } = await pool.query(
    `SELECT a.id, b.id FROM job_runs a JOIN job_runs b
         ON a.job = b.job AND a.id < b.id AND b.started_at < a.finished_at AND a.started_at < b.finished_at`,
  );
  expect(overlaps).toEqual([]);
  const { rows: doubled } = await pool.query(
    `SELECT job, date_trunc('minute', started_at) AS tick, count(*) FROM job_runs WHERE trigger = 'schedule' AND job = 'retrain'
      GROUP BY 1, 2 HAVING count(*) > 1`,
  );
  expect(doubled).toEqual([]);
  const { rows: polls } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM feed_polls GROUP BY floor(extract(epoch FROM started_at) / ${FEED_EVERY_S})`,
  );
  expect(polls.length).toBeGreaterThan(3);
  expect(polls.filter(({ n }) => n > 1)).toEqual([]);
}

/** What an address may do, it may do once over all instances, whoever it says that it is. */
async function expectSharedLimits(url: string, servers: readonly TestServer[]): Promise<void> {
  const anonymous = '/api/v1/auth/anonymous';
  const before = await Promise.all(servers.map((server) => answered(server, anonymous)));
  const made = await Promise.all(
    Array.from({ length: 4 * ANONYMOUS_PER_ADDRESS.requests }, () =>
      postFrom('127.0.0.9', `${url}${anonymous}`, {}),
    ),
  );
  const after = await Promise.all(servers.map((server) => answered(server, anonymous)));
  expect(after.map((count, n) => count > before[n]!)).toEqual(servers.map(() => true));
  expect([countOf(made, 201), countOf(made, 429)]).toEqual([
    ANONYMOUS_PER_ADDRESS.requests,
    3 * ANONYMOUS_PER_ADDRESS.requests,
  ]);
  const login = { email: OPERATOR.email, password: 'not the password of the operator' };
  const tried = await Promise.all(
    Array.from({ length: 2 * MAX_FAILED_LOGINS }, () =>
      postFrom('127.0.0.10', `${url}/api/v1/auth/login`, login),
    ),
  );
  expect([countOf(tried, 401), countOf(tried, 429)]).toEqual([MAX_FAILED_LOGINS, MAX_FAILED_LOGINS]);
}
