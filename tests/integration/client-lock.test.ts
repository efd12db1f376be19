import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockStore } from '../../client-sdk/platform/node/lock-file.ts';
import { startDeviceProcess } from '../support/device-process.ts';
import { expectOneHolder } from '../support/lock-race.ts';
import { startProcess } from '../support/process.ts';
import { AUTH } from './client-fixtures.ts';
import { ProtocolServer } from './client-protocol-server.ts';
import { sampleReport } from './client-samples.ts';

it('invariant 1: of many processes that race for a stale lock, one at a time holds the store', async () => {
  const dir = await expectOneHolder('tests/integration/client-lock-child.ts', 6);
  // All have died with it or without it: it can be had.
  lockStore(dir).release();
});

it('invariant 1: a store opened twice is refused by a code, and whoever opens it after a kill -9 has all', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-client-twice-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const server = new ProtocolServer();
  const url = await server.start();
  onTestFinished(() => server.stop());
  const offline = 'http://127.0.0.1:9';
  const first = await startDeviceProcess(offline, dir, AUTH, '01');
  await first.report(sampleReport('before the second came'));

  const args = [url, dir, AUTH.email, AUTH.password, '01'];
  const second = startProcess('tests/end-to-end/device.ts', args, {});
  expect(await second.exited).not.toBe(0);
  expect(second.output()).toMatch(/code: 'store_in_use'/);
  expect(second.output()).not.toContain('"ready"');
  expect(server.requests).toEqual([]);

  await first.report(sampleReport('after it was refused'));
  expect((await first.outbox()).map(({ seq }) => seq)).toEqual([1, 2]);
  await first.process.kill('SIGKILL');
  const third = await startDeviceProcess(url, dir, AUTH, '01');
  await third.whenSettled();
  expect([...server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2]);
  await third.close();
});
