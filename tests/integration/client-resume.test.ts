import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENCE_LIMIT_MS } from '../../client-sdk/sync/http.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount, TestServer } from '../support/server.ts';
import { sampleReport } from './client-samples.ts';

/** The clause says five seconds; less than the watchdog needs tells that it was the resume that did it. */
const SOON = { withinMs: SILENCE_LIMIT_MS - 10_000 };

let dir: string;
let server: TestServer;
let proxy: FaultProxy;
let open: Halo[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'halo-client-resume-'));
  open = [];
  server = await startServerProcess((await useTestDatabase()).url, { dataDir: join(dir, 'server') });
  proxy = await startFaultProxy(server.url);
});
afterEach(async () => {
  for (const halo of open) await halo.close();
  await proxy.close();
  await stopServerProcess(server);
  rmSync(dir, { recursive: true, force: true });
});

/** Opens a device; `resume` gives it the sign that the platform gives when it is looked at again. */
async function device(url: string, name: string, account: TestAccount) {
  let resume = () => {};
  const store = nodeStore(join(dir, name));
  const halo = await openHalo({
    url,
    store: {
      ...store,
      onNetwork(listener) {
        resume = () => listener('came');
        return () => {};
      },
    },
    auth: { email: account.email, password: account.password },
    shapes: [{ name: 'incidents', params: { region: '01' } }],
  });
  open.push(halo);
  return { halo, resume: () => resume() };
}

it('is current soon after it comes out of a black hole, live or catching up, without a refetch (O14)', async () => {
  const account = await registerAccount(server.url, 'reader');
  const live = await device(proxy.url, 'live', account);
  const early = await device(proxy.url, 'late', account);
  await Promise.all([live.halo.whenLive(), early.halo.whenLive()]);
  await early.halo.close();
  const refetches = () => proxy.requests().filter((line) => /[?&]offset=-1/.test(line)).length;
  const before = refetches();

  proxy.silence();
  // Its first questions, which are not live ones, go into the hole, and so does its report.
  const late = await device(proxy.url, 'late', account);
  await late.halo.query('SELECT 1');
  const queued = await late.halo.report({
    ...sampleReport('from the hole'),
    occurredAt: new Date().toISOString(),
  });
  const writer = await device(server.url, 'writer', account);
  const written = await writer.halo.report({
    ...sampleReport('meanwhile'),
    occurredAt: new Date().toISOString(),
  });
  await writer.halo.whenSettled();
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(late.halo.status().streams.map(({ state }) => state)).not.toContain('live');

  proxy.up();
  for (const { resume } of [live, late]) resume();
  const mine = `SELECT id::text FROM my_reports WHERE sync_state = 'synced' AND received_at IS NOT NULL ORDER BY id`;
  const all = [queued.id, written.id].toSorted().map((id) => ({ id }));
  for (const { halo } of [live, late]) {
    await eventually(async () => expect(await halo.query(mine)).toEqual(all), SOON);
  }
  expect(refetches()).toBe(before);
}, 240_000);
