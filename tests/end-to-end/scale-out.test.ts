import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { rawAnswer } from '../support/raw-request.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { sampleReport } from '../integration/client-samples.ts';

const SECRET = 'a secret between two servers';
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
};
const INCIDENTS = `SELECT id::text, severity::int, report_count::int FROM incidents WHERE region = '01' ORDER BY id`;

it('a front without a replication slot serves devices from another Halo, which may be killed and come back', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const dir = mkdtempSync(join(tmpdir(), 'halo-scale-out-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const startOrigin = (): Promise<TestServer> =>
    startServerProcess(database.url, { dataDir: join(dir, 'origin'), env: { HALO_SHAPE_SECRET: SECRET } });
  const origin = await startOrigin();
  // It comes back at another port: its own may be somebody else's by then.
  const address = await startFaultProxy(origin.url);
  onTestFinished(() => address.close());
  const front = await startServerProcess(database.url, {
    dataDir: join(dir, 'front'),
    env: { ELECTRIC_URL: address.url, ELECTRIC_SECRET: SECRET, LOG_LEVEL: 'trace' },
  });
  onTestFinished(() => stopServerProcess(front));
  const ready = async () => {
    const answer = await fetch(`${front.url}/ready`);
    const { checks } = (await answer.json()) as { checks: readonly { name: string; ok: boolean }[] };
    return { status: answer.status, electric: checks.find(({ name }) => name === 'electric')?.ok };
  };
  expect(await ready()).toEqual({ status: 200, electric: true });
  const slots = await pool.query(
    'SELECT FROM pg_replication_slots WHERE database = current_database() AND active',
  );
  expect(slots.rowCount).toBe(1);
  // Without a log there is nothing that a socket could follow.
  expect(await rawAnswer(front.url, { target: '/ws', headers: HANDSHAKE })).toMatch(
    /^HTTP\/1\.1 404 [^]*"code":"realtime_unavailable"/,
  );

  const device = await openHalo({
    url: front.url,
    store: nodeStore(join(dir, 'device')),
    auth: await registerAccount(front.url, 'device'),
    shapes: [{ name: 'incidents', params: { region: '01' } }],
  });
  onTestFinished(() => device.close());
  await device.whenLive();
  const expectTruth = (count: number) =>
    eventually(
      async () => {
        const { rows } = await pool.query(INCIDENTS);
        expect(rows).toHaveLength(count);
        expect(await device.query(INCIDENTS)).toEqual(rows);
        const settled = await device.query('SELECT count(*)::int AS n FROM my_mutations');
        expect(settled).toEqual([{ n: count }]);
      },
      { withinMs: 60_000 },
    );
  const report = (lat: number) =>
    device.report({
      ...sampleReport(`at ${lat}`),
      occurredAt: new Date().toISOString(),
      location: { lat, lon: 18.05, accuracyM: 10 },
    });
  await report(59.3);
  await expectTruth(1);

  await origin.process.kill('SIGKILL');
  await report(59.4);
  // What is written needs no shapes.
  await device.whenSettled();
  expect(await ready()).toEqual({ status: 503, electric: false });
  const again = await startOrigin();
  address.aim(again.url);
  onTestFinished(() => stopServerProcess(again));
  await report(59.5);
  await expectTruth(3);
  expect(await ready()).toEqual({ status: 200, electric: true });
  expect(front.process.output()).not.toContain(SECRET);
}, 240_000);

it('a front tells no checksums, also where it has a log of its own beside', async () => {
  const database = await useTestDatabase();
  const front = await startServerProcess(database.url, {
    env: { ELECTRIC_URL: 'http://127.0.0.1:9', ELECTRIC_SECRET: SECRET, HALO_SHAPE_SECRET: SECRET },
  });
  onTestFinished(() => stopServerProcess(front));
  const authorization = `Bearer ${await accessToken(front.url, OPERATOR)}`;
  // Positions as Electric gives them: one of a shape that nothing has happened to, and one in its log.
  for (const offset of ['0_inf', '26800000_0']) {
    const query = new URLSearchParams({
      region: '01',
      offset,
      handle: '12345678-1767225600000000',
    }).toString();
    const answer = await fetch(`${front.url}/v1/shapes/incidents/checksum?${query}`, {
      headers: { authorization },
    });
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'checksums_unavailable' }]);
  }
});
