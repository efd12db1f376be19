import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { startDeviceProcess } from '../support/device-process.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { previousVersion, unpackPreviousVersion } from '../support/previous-version.ts';
import type { PreviousTree } from '../support/previous-version.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount, TestServer } from '../support/server.ts';
import { outlinesOf, shapeBreaks } from '../support/shape-breaks.ts';

const REGION = '01';
const MUTATIONS = 'POST /v1/mutations';
const PATIENCE = { withinMs: 60_000 };
/** In the house's words: what a device shows is compared with what the tables hold. */
const INCIDENTS = `SELECT id::text, type::text, severity::int, status::text, verification::text, report_count::int,
  reporter_count::int, lat::float8, lon::float8 FROM incidents WHERE region = '${REGION}' ORDER BY id`;

type Version = 'previous' | 'present';

const previous = previousVersion();
let tree: PreviousTree;
let dir: string;
beforeAll(async () => {
  if ('ref' in previous) tree = await unpackPreviousVersion(previous.ref);
}, 600_000);
afterAll(() => tree?.remove());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-versions-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Starts a server of that version; its data directory has that version's name. */
function startServer(version: Version, databaseUrl: string): Promise<TestServer> {
  const own = { dataDir: join(dir, `server-${version}`) };
  return startServerProcess(databaseUrl, version === 'previous' ? { ...own, other: tree } : own);
}

/** Opens a device of that version, behind a proxy of its own. */
async function openDevice(version: Version, server: TestServer, account: TestAccount) {
  const proxy = await startFaultProxy(server.url);
  const program = version === 'previous' ? tree.deviceProgram : undefined;
  const device = await startDeviceProcess(proxy.url, join(dir, account.id), account, REGION, program);
  await device.whenLive();
  return { device, proxy, snapshotsAtFirst: snapshots(proxy) };
}
type Opened = Awaited<ReturnType<typeof openDevice>>;

/** How often a shape was fetched from its beginning. */
const snapshots = (proxy: FaultProxy): number =>
  proxy.requests().filter((line) => /^GET \/v1\/shapes\/.*[?&]offset=-1/.test(line)).length;

/** The device's connections go to another server from now on. */
function move({ proxy }: Opened, server: TestServer): void {
  proxy.down();
  proxy.aim(server.url);
  proxy.up();
}

/** A report of a place of its own, so that each is an incident. */
function reportNo(n: number) {
  return {
    type: 'theft' as const,
    severity: 3,
    occurredAt: new Date().toISOString(),
    description: `report ${n}`,
    location: { lat: 59.3 + 0.02 * n, lon: 18.05, accuracyM: 10 },
  };
}

/** Answers to batches are lost on the way, once the server has settled them, until `stopLosing`. */
const loseAnswers = ({ proxy }: Opened): void => proxy.onAnswer(MUTATIONS, () => 'cut');
const stopLosing = ({ proxy }: Opened): void => proxy.onAnswer(MUTATIONS, undefined);

/** Resolves when that many reports are stored. */
async function untilStored(pool: Pool, reports: number): Promise<void> {
  const sql = 'SELECT count(*)::int AS n FROM reports';
  await eventually(async () => expect((await pool.query(sql)).rows).toEqual([{ n: reports }]), PATIENCE);
}

/** Every device shows what the tables hold, each report is there once, and nobody was refused anything or told of a fault. */
async function expectAllWell(pool: Pool, opened: readonly Opened[], reports: number): Promise<void> {
  const { rows: stored } = await pool.query(
    'SELECT count(*)::int AS n, count(DISTINCT description)::int AS different FROM reports',
  );
  expect(stored).toEqual([{ n: reports, different: reports }]);
  const { rows: truth } = await pool.query(INCIDENTS);
  expect(truth).toHaveLength(reports);
  for (const { device, proxy, snapshotsAtFirst } of opened) {
    await eventually(async () => expect(await device.query(INCIDENTS)).toEqual(truth), PATIENCE);
    await eventually(async () => {
      const { network, streams, replica, outbox, error } = await device.status();
      expect({ network, replica, outbox, error }).toEqual({
        network: 'online',
        replica: { state: 'ready' },
        outbox: { pending: 0, rejected: 0 },
      });
      expect(streams.every(({ state }) => state === 'live')).toBe(true);
    }, PATIENCE);
    expect(snapshots(proxy)).toBe(snapshotsAtFirst);
    // Each line is an answer to the test: it has complained of nothing.
    expect(
      device.process
        .output()
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{')),
    ).toEqual([]);
  }
}

async function reportByRest(server: TestServer, account: TestAccount, n: number): Promise<void> {
  const response = await fetch(new URL('/api/v1/reports', server.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await accessToken(server.url, account)}`,
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(reportNo(n)),
  });
  expect(response.status, await response.clone().text()).toBe(201);
}

async function closeAll(opened: readonly Opened[], servers: readonly TestServer[]): Promise<void> {
  for (const { device, proxy } of opened) {
    await device.close();
    await proxy.close();
  }
  for (const server of servers) await stopServerProcess(server);
}

/** A device of one version with a server of the other. */
async function tellTheStory(clientIs: Version, serverIs: Version): Promise<void> {
  const database = await useTestDatabase({ migrate: false });
  let server = await startServer(serverIs, database.url);
  const kim = await registerAccount(server.url, 'kim');
  const opened = await openDevice(clientIs, server, await registerAccount(server.url, 'sam'));
  const { device, proxy } = opened;

  proxy.down();
  const { id } = await device.report(reportNo(1));
  await device.report(reportNo(2));
  expect(await device.outbox()).toHaveLength(2);
  loseAnswers(opened);
  proxy.up();
  await untilStored(database.pool, 2);
  stopLosing(opened);
  await device.whenSettled();

  await reportByRest(server, kim, 3);
  await expectAllWell(database.pool, [opened], 3);

  await device.amend(id, { severity: 5 });
  await device.whenSettled();
  const { rows: amended } = await database.pool.query('SELECT severity, version FROM reports WHERE id = $1', [
    id,
  ]);
  expect(amended).toEqual([{ severity: 5, version: 2 }]);

  await server.process.kill('SIGTERM');
  await device.report(reportNo(4));
  server = await startServer(serverIs, database.url);
  move(opened, server);
  await device.whenSettled();
  await expectAllWell(database.pool, [opened], 4);
  await closeAll([opened], [server]);
}

describe.skipIf('missing' in previous)(
  `this version and the one before it (${'ref' in previous ? previous.ref.slice(0, 12) : previous.missing})`,
  { timeout: 300_000 },
  () => {
    it('agree upon shapes: what either stores, the other can send', async () => {
      const before = await tree.readCatalogue();
      expect(before.map(({ name }) => name)).toContain('incidents');
      expect(shapeBreaks(before, outlinesOf(CATALOG.values()))).toEqual([]);
    });

    it('invariants 1, 2 and 7: a device of the previous version with a server of this one', () =>
      tellTheStory('previous', 'present'));

    it('invariants 1, 2 and 7: a device of this version with a server of the previous one', () =>
      tellTheStory('present', 'previous'));

    it('invariants 1, 2, 5 and 7: a rolling upgrade and the way back, with devices of both', async () => {
      const database = await useTestDatabase({ migrate: false });
      let older = await startServer('previous', database.url);
      const accounts = [
        await registerAccount(older.url, 'sam'),
        await registerAccount(older.url, 'kim'),
      ] as const;
      const stays = await openDevice('previous', older, accounts[0]);
      const moves = await openDevice('present', older, accounts[1]);
      const both = [stays, moves];
      const migrations = async () =>
        (await database.pool.query<{ name: string }>('SELECT name FROM migrations ORDER BY name')).rows;
      const known = await migrations();
      let reports = 0;
      /** Each device reports, and both show both reports. */
      const reportFromBoth = async () => {
        for (const { device } of both) await device.report(reportNo((reports += 1)));
        for (const { device } of both) await device.whenSettled();
        await expectAllWell(database.pool, both, reports);
      };
      await reportFromBoth();

      // The new one migrates beside the old one, and both serve.
      const newer = await startServer('present', database.url);
      const after = await migrations();
      expect(after.slice(0, known.length)).toEqual(known);
      await reportFromBoth();
      move(moves, newer);
      await reportFromBoth();

      // What the old one has settled is sent to the new one again, and the other way round.
      for (const [opened, first, then] of [
        [stays, older, newer],
        [moves, newer, older],
      ] as const) {
        move(opened, first);
        loseAnswers(opened);
        await opened.device.report(reportNo((reports += 1)));
        await untilStored(database.pool, reports);
        move(opened, then);
        stopLosing(opened);
        await opened.device.whenSettled();
      }
      await expectAllWell(database.pool, both, reports);
      move(stays, older);
      await reportFromBoth();

      // The upgrade is done.
      for (const opened of both) move(opened, newer);
      await older.process.kill('SIGTERM');
      await reportFromBoth();

      // And undone: the old one starts on what the new one has migrated.
      older = await startServer('previous', database.url);
      for (const opened of both) move(opened, older);
      await newer.process.kill('SIGTERM');
      await reportFromBoth();
      expect(await migrations()).toEqual(after);
      await closeAll(both, [older, newer]);
    });
  },
);
