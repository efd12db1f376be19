import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { startServer } from '../../server/compose/server.ts';
import { loadConfig } from '../../server/config/config.ts';
import type { Pool } from '../../server/db/pool.ts';
import { ALERT_KINDS } from '../../server/operations/alerts/alert.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { insertIncident } from '../support/incident-rows.ts';
import { ownCluster } from '../support/own-cluster.ts';
import { OPERATOR } from '../support/server.ts';

const SECOND_MS = 1_000;
const LONG = { withinMs: 60_000 };
const SLOT = 'halo_0000000000ff';

/** One event, as the police publish it. */
const FEED = JSON.stringify([
  {
    id: 1,
    datetime: '2026-11-25 11:00:00 +01:00',
    name: '25 november 11.00, Stöld, Stockholm',
    summary: 'En cykel stals.',
    url: '/aktuellt/handelser/1/',
    type: 'Stöld',
    location: { name: 'Stockholm', gps: '59.329324,18.068581' },
  },
]);

/** Alerts with the product's own rules, looked at often and raised within moments. */
const TUNING = {
  pace: { everyMs: 200, quietMs: 0, answerWithinMs: 10_000 },
  limits: { feedSilentMs: 25 * SECOND_MS, feedIntervals: 3, errorRequests: 5, stalledMs: 6 * SECOND_MS },
  kinds: Object.fromEntries(
    Object.entries(ALERT_KINDS).map(([name, kind]) => [
      name,
      { ...kind, raiseAfterMs: 500, clearAfterMs: 500 },
    ]),
  ) as typeof ALERT_KINDS,
  errorWindowMs: 10 * SECOND_MS,
};

it('invariant 11 (O15): what breaks is told once, and once that it is well again', async () => {
  const cluster = await ownCluster({
    max_slot_wal_keep_size: '64MB',
    max_wal_size: '48MB',
    min_wal_size: '32MB',
  });
  let database = await cluster.start();
  const receiver = await useAlertReceiver();
  const dir = mkdtempSync(join(tmpdir(), 'halo-alerts-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const feedFile = join(dir, 'feed.json');
  writeFileSync(feedFile, FEED);
  const config = loadConfig({
    HALO_BACKUP_DIR: 'off',
    DATABASE_URL: database.url,
    HALO_DATA_DIR: join(dir, 'data'),
    HALO_ADMIN_EMAIL: OPERATOR.email,
    HALO_ADMIN_PASSWORD: OPERATOR.password,
    HALO_ALERT_WEBHOOK: receiver.url,
    HALO_ALERT_FORMAT: 'json',
    POLISEN_FEED_URL: pathToFileURL(feedFile).href,
    POLISEN_SCHEDULE: '* * * * * *',
    PORT: '0',
  });
  const server = await startServer(config, createLogger('silent'), () => {}, { alerts: TUNING });
  onTestFinished(() => server.stop());

  let seen = 0;
  const { accessToken } = (await (await logIn(server.url)).json()) as Tokens;
  const authorization = `Bearer ${accessToken}`;
  // Six readers ask once. 45 s later, somewhere below, they count as silent; that is looked at in the end.
  const tokens = await Promise.all(
    Array.from({ length: 6 }, async () => (await (await logIn(server.url)).json()) as Tokens),
  );
  const askOnce = () =>
    Promise.all(
      tokens.map(async (reader) => {
        const path = `/v1/shapes/areas?offset=-1&session=${crypto.randomUUID()}`;
        const headers = { authorization: `Bearer ${reader.accessToken}` };
        const answer = await fetch(`${server.url}${path}`, { headers });
        expect(answer.status).toBe(200);
        await answer.arrayBuffer();
      }),
    );
  await askOnce();
  /** What was told since the last time; of slots about the one that nobody reads: the server's own comes near its limit, too, while its disk is slow. */
  const taken = () =>
    receiver.taken
      .slice(seen)
      .filter((body) => body['alert'] !== 'devices_silent')
      .filter((body) => body['alert'] !== 'slot_near_limit' || body['subject'] === SLOT);
  const toldNext = async (...expected: string[]) => {
    await eventually(() => {
      const names = taken().map((body) => `${String(body['event'])} ${String(body['alert'])}`);
      expect(names.toSorted()).toEqual(expected.toSorted());
    }, LONG);
    seen = receiver.taken.length;
  };
  const openAlerts = async () => {
    const answer = await fetch(`${server.url}/api/v1/admin/alerts?state=open`, {
      headers: { authorization },
    });
    expect(answer.status).toBe(200);
    const { alerts } = (await answer.json()) as { alerts: { name: string }[] };
    return alerts.map(({ name }) => name).filter((name) => name !== 'devices_silent');
  };

  // The feed falls silent: its file is not there any more.
  await eventually(async () => expect(await polls(database.pool)).toBeGreaterThan(0), LONG);
  renameSync(feedFile, `${feedFile}.away`);
  await toldNext('raised feed_silent');
  expect(receiver.taken.at(-1)).toMatchObject({ subject: 'polisen', severity: 'warning' });
  expect(await openAlerts()).toEqual(['feed_silent']);
  renameSync(`${feedFile}.away`, feedFile);
  await toldNext('cleared feed_silent');
  expect(await openAlerts()).toEqual([]);

  // One device asks and is not reached by the answers, one has all there is, and one has fallen asleep.
  await insertIncident(database.pool, { region: '01' });
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const cutOff = followingDevice(proxy.url, authorization);
  const well = followingDevice(server.url, authorization);
  const asleep = followingDevice(server.url, authorization);
  for (const device of [cutOff, well, asleep]) await eventually(() => device.catchUp(), LONG);
  proxy.onAnswer('GET /v1/shapes', () => 'hold');
  await insertIncident(database.pool, { region: '01' });
  await asleep.askOnce();
  await eventually(
    async () => {
      await Promise.all([cutOff.askOnce(), well.catchUp()]);
      expect(taken().length).toBeGreaterThan(0);
    },
    { ...LONG, everyMs: 500 },
  );
  expect(String(taken().at(-1)!['what'])).toMatch(
    new RegExp(
      `^Devices that ask and get no further: 1: ${cutOff.id} \\(no_progress of incidents\\?region=01, for`,
    ),
  );
  await toldNext('raised devices_stalled');
  expect(await openAlerts()).toEqual(['devices_stalled']);
  expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/^halo_devices_stalled 1$/m);
  // It still does not get through: nothing is told again.
  for (let i = 0; i < 5; i += 1) await cutOff.askOnce();
  expect(taken()).toEqual([]);
  proxy.onAnswer('GET /v1/shapes', undefined);
  await eventually(
    async () => {
      await Promise.all([cutOff.catchUp(), well.catchUp()]);
      expect(taken()).toHaveLength(1);
    },
    { ...LONG, everyMs: 500 },
  );
  await toldNext('cleared devices_stalled');

  // The slot of an instance that is gone holds the WAL.
  await database.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [SLOT]);
  await eventually(
    async () => {
      await database.pool.query(`SELECT pg_logical_emit_message(false, 'filling', repeat('x', 4000000))`);
      // The server's own slot follows only from checkpoint to checkpoint.
      await database.pool.query('CHECKPOINT');
      expect(taken().length).toBeGreaterThan(0);
    },
    { ...LONG, everyMs: 300 },
  );
  expect(taken().at(-1)).toMatchObject({ subject: SLOT, severity: 'critical' });
  await toldNext('raised slot_near_limit');
  await database.pool.query('SELECT pg_drop_replication_slot($1)', [SLOT]);
  await toldNext('cleared slot_near_limit');

  // What a first start forecasts must be done: it could not connect below, and would be told of rightly.
  await eventually(async () => {
    const { rows } = await database.pool.query<{ job: string }>(
      `SELECT DISTINCT job FROM job_runs WHERE state = 'succeeded' ORDER BY job`,
    );
    expect(rows.map(({ job }) => job)).toEqual(['retrain', 'score']);
  }, LONG);

  // Replication is stopped: Postgres ends its connection and lets nobody new in, but those who are.
  const admin = await database.pool.connect();
  await admin.query(`UPDATE pg_database SET datallowconn = false WHERE datname = current_database()`);
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_replication`);
  await toldNext('raised replication_stopped');
  await admin.query(`UPDATE pg_database SET datallowconn = true WHERE datname = current_database()`);
  admin.release();
  await toldNext('cleared replication_stopped');

  // Postgres goes, and with it whoever asks for anything is answered with an error.
  await cluster.stop();
  await eventually(async () => {
    expect((await logIn(server.url)).status).toBe(503);
    expect(taken()).toHaveLength(2);
  }, LONG);
  await toldNext('raised postgres_down', 'raised error_rate');
  database = await cluster.start();
  // Until replication has come back, too, it is stopped: in less than a minute, but told where moments count as here.
  const ofOwnSlot = (event: string) => event.includes('slot_near_limit') && !event.includes(SLOT);
  const others = () =>
    receiver
      .events()
      .filter((event) => !/replication_stopped|devices_silent/.test(event) && !ofOwnSlot(event));
  await eventually(() => {
    expect(
      others()
        .slice(-2)
        .map((event) => event.split(' ').slice(0, 2).join(' '))
        .toSorted(),
    ).toEqual(['cleared error_rate', 'cleared postgres_down']);
  }, LONG);
  expect(others()).toHaveLength(10);

  // The six readers of the beginning have fallen silent long since, and come back.
  const ofReaders = () => receiver.events().filter((event) => event.includes('devices_silent'));
  await eventually(() => expect(ofReaders()).toEqual([expect.stringMatching(/^raised/)]), LONG);
  await eventually(async () => {
    await askOnce();
    expect(ofReaders()).toHaveLength(2);
  }, LONG);
  expect(ofReaders()[1]).toMatch(/^cleared devices_silent/);

  // What was told without Postgres is written down when it is back.
  await eventually(async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT DISTINCT name FROM alerts WHERE clear_told_at IS NOT NULL ORDER BY name`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'devices_silent',
      'devices_stalled',
      'error_rate',
      'feed_silent',
      'postgres_down',
      'replication_stopped',
      'slot_near_limit',
    ]);
    expect(await openAlerts()).toEqual([]);
  }, LONG);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(new RegExp(`^halo_alerts_told_total ${receiver.taken.length}$`, 'm'));
  expect(metrics).toMatch(/^halo_alerts_open\{alert="postgres_down"\} 0$/m);
  expect(metrics).toMatch(/^halo_replication_slot_limit_bytes 67108864$/m);
}, 400_000);

function logIn(url: string): Promise<Response> {
  return fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(OPERATOR),
  });
}

/** A device that follows a shape by single requests, and keeps its place where an answer does not come. */
function followingDevice(url: string, authorization: string) {
  const id = crypto.randomUUID();
  let place = 'offset=-1';
  const ask = async () => {
    const answer = await fetch(`${url}/v1/shapes/incidents?region=01&${place}`, {
      headers: { authorization, 'halo-device': `id=${id}` },
      signal: AbortSignal.timeout(2_000),
    });
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    const header = (name: string) => answer.headers.get(name)!;
    place = `offset=${header('electric-offset')}&handle=${header('electric-handle')}`;
    return answer.headers.has('electric-up-to-date');
  };
  return {
    id,
    askOnce: () => ask().catch(() => false),
    async catchUp() {
      while (!(await ask()));
    },
  };
}

async function polls(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM feed_polls WHERE outcome IN ('applied', 'unchanged')`,
  );
  return rows[0]!.n;
}
