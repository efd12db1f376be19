import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { startDeviceProcess } from '../support/device-process.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { registerAccount, startServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const REPORTS = 20;
const REGION = '01';
const MUTATIONS = 'POST /v1/mutations';
const INCIDENT_COLUMNS =
  'id::text, type::text, severity::int, verification::text, report_count::int, reporter_count::int, official';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('server and device killed in the middle of the delivery', () => {
  it('invariants 1, 2, 5 and 7: every report once, both replicas equal the query, nobody refetched', async () => {
    const database = await useTestDatabase();
    const dataDir = join(dir, 'server');
    let server = await startServerProcess(database.url, { dataDir });
    const writerAccount = await registerAccount(server.url, 'writer');
    const readerAccount = await registerAccount(server.url, 'reader');
    const proxy = await startFaultProxy(server.url);
    const stored = async () => {
      const sql = 'SELECT count(*)::int AS n FROM ledger';
      return (await database.pool.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
    };
    const openWriter = () => startDeviceProcess(proxy.url, join(dir, 'writer'), writerAccount, REGION);
    /** Ends the server; whatever it had answered and the device has not is lost on the way. */
    const killServer = async () => {
      await server.process.kill('SIGKILL');
      proxy.down();
      proxy.up();
    };
    const startAgain = async () => {
      server = await startAt(database.url, dataDir, proxy);
    };

    const reader = await startDeviceProcess(proxy.url, join(dir, 'reader'), readerAccount, REGION);
    let writer = await openWriter();
    await Promise.all([reader.whenLive(), writer.whenLive()]);
    const snapshots = () =>
      proxy.requests().filter((line) => /^GET \/v1\/shapes\/.*[?&]offset=-1/.test(line)).length;
    const snapshotsAtFirst = snapshots();

    proxy.down();
    for (let n = 0; n < REPORTS; n += 1) await writer.report(reportNo(n));
    expect(await writer.outbox()).toHaveLength(REPORTS);

    // 1: the server dies as soon as the request has reached it, settled or not.
    proxy.onAnswer(MUTATIONS, () => 'hold');
    proxy.up();
    await eventually(() => proxy.count(MUTATIONS) > 0);
    await killServer();
    await startAgain();

    // 2: the server dies after it has settled everything and before the answer got through.
    await eventually(async () => (await stored()) === REPORTS);
    await killServer();

    // 3: the device dies while it waits for that answer.
    await writer.process.kill('SIGKILL');
    await startAgain();
    const asked = proxy.count(MUTATIONS);
    writer = await openWriter();
    expect(await writer.outbox()).toHaveLength(REPORTS);
    await eventually(() => proxy.count(MUTATIONS) > asked);

    // 4: half an answer arrives, then both die.
    proxy.onAnswer(MUTATIONS, () => 'half');
    const askedAgain = proxy.count(MUTATIONS);
    await eventually(() => proxy.count(MUTATIONS) > askedAgain, { withinMs: 60_000 });
    await Promise.all([writer.process.kill('SIGKILL'), killServer()]);
    await startAgain();

    // 5: the whole answer arrives, and the device dies while it settles it.
    proxy.onAnswer(MUTATIONS, undefined);
    const askedLast = proxy.count(MUTATIONS);
    writer = await openWriter();
    await eventually(() => proxy.count(MUTATIONS) > askedLast);
    await writer.process.kill('SIGKILL');
    await killServer();
    await startAgain();

    writer = await openWriter();
    await writer.whenSettled();
    expect(await writer.outbox()).toEqual([]);
    const { rows: reports } = await database.pool.query<{ n: number; ids: number }>(
      'SELECT count(*)::int AS n, count(DISTINCT description)::int AS ids FROM reports',
    );
    expect(reports).toEqual([{ n: REPORTS, ids: REPORTS }]);

    const sql = `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE region = '${REGION}' ORDER BY id`;
    const { rows: truth } = await database.pool.query(sql);
    expect(truth.length).toBeGreaterThan(0);
    for (const device of [writer, reader]) {
      await eventually(async () => expect(await device.query(sql)).toEqual(truth), { withinMs: 60_000 });
    }
    const mine = `SELECT count(*)::int AS n FROM my_reports WHERE sync_state = 'synced'`;
    await eventually(async () => expect(await writer.query(mine)).toEqual([{ n: REPORTS }]));
    expect(snapshots()).toBe(snapshotsAtFirst);

    await Promise.all([writer.close(), reader.close()]);
    await server.process.kill('SIGTERM');
    await proxy.close();
  }, 300_000);
});

async function startAt(databaseUrl: string, dataDir: string, proxy: FaultProxy): Promise<TestServer> {
  const server = await startServerProcess(databaseUrl, { dataDir });
  proxy.aim(server.url);
  return server;
}

/** Twenty reports of five places, so that some describe the same incident. */
function reportNo(n: number) {
  return {
    type: 'theft' as const,
    severity: 2 + (n % 3),
    occurredAt: new Date().toISOString(),
    description: `report ${n}`,
    location: { lat: 59.3 + 0.02 * (n % 5), lon: 18.05, accuracyM: 10 },
  };
}
