import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo, HaloAuth } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { expect, it, onTestFinished } from 'vitest';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { startProcess } from '../support/process.ts';
import { registerAccount, startServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const MUTATIONS = 'POST /v1/mutations';
const STREAMS = 'GET /v1/shapes';
const SHAPES = [{ name: 'incidents', params: { region: '01' } }];
const PATIENT = { withinMs: 60_000 };

interface Device {
  readonly name: string;
  readonly halo: Halo;
  readonly proxy: FaultProxy;
  /** Snapshots asked for since the restore, by shape. */
  refetched(): Record<string, number>;
}

/** How far the devices' clocks are ahead. */
let aheadMs = 0;

const dir = mkdtempSync(join(tmpdir(), 'halo-restore-'));

async function openDevice(
  server: TestServer,
  name: string,
  auth: HaloAuth,
  { hears = true }: { readonly hears?: boolean } = {},
): Promise<Device> {
  const proxy = await startFaultProxy(server.url);
  if (!hears) proxy.onAnswer(STREAMS, () => 'hold');
  const halo = await openHalo(
    { url: proxy.url, store: nodeStore(join(dir, name)), auth, shapes: SHAPES },
    { ...realEnvironment, now: () => Date.now() + aheadMs },
  );
  onTestFinished(async () => {
    await halo.close();
    await proxy.close();
  });
  if (hears) await halo.whenLive();
  let before = 0;
  const device: Device & { mark(): void } = {
    name,
    halo,
    proxy,
    mark: () => void (before = proxy.requests().length),
    refetched() {
      const counts: Record<string, number> = {};
      for (const line of proxy.requests().slice(before)) {
        const shape = /^GET \/v1\/shapes\/(\w+)\?.*offset=-1/.exec(line)?.[1];
        if (shape !== undefined) counts[shape] = (counts[shape] ?? 0) + 1;
      }
      return counts;
    },
  };
  marks.push(() => device.mark());
  return device;
}
const marks: (() => void)[] = [];

let place = 0;
/** Reports of places of their own, so that no two describe one incident. */
function report(halo: Halo, description: string) {
  place += 1;
  return halo.report({
    type: 'theft',
    severity: 3,
    occurredAt: new Date().toISOString(),
    description,
    location: { lat: 59.2 + place * 0.02, lon: 18.05, accuracyM: 10 },
  });
}

/** Runs a command to its end, which must say this. */
async function command(entry: string, args: readonly string[], env: NodeJS.ProcessEnv, says: RegExp) {
  const process = startProcess(entry, args, { POLISEN_FEED_URL: 'off', ...env });
  await process.waitFor(says);
  expect(await process.exited).toBe(0);
}

it('invariants 1, 2, 5 and 7: after a restore all that is queued is accepted once, and each device fetches once', async () => {
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const database = await useTestDatabase();
  const dataDir = join(dir, 'server');
  const backups = { HALO_BACKUP_DIR: join(dir, 'backups'), HALO_BACKUP_METHOD: 'copy' };
  let server = await startServerProcess(database.url, { dataDir });
  const account = await registerAccount(server.url, 'writer');
  const { email, password } = account;

  const writer = await openDevice(server, 'writer', { email, password });
  await report(writer.halo, 'before, answered');
  await writer.halo.whenSettled();
  // Settled, and the answer never comes.
  const unheard = await openDevice(server, 'unheard', { email, password });
  unheard.proxy.onAnswer(MUTATIONS, () => 'hold');
  await report(unheard.halo, 'before, answer lost');
  await eventually(
    async () => expect(await reportsIn(database.pool)).toContain('before, answer lost'),
    PATIENT,
  );
  const anonymous = await openDevice(server, 'anonymous', { anonymous: true });

  await command(
    'server/backup/backup-main.ts',
    [],
    { DATABASE_URL: database.url, ...backups },
    /"backup": "halo-/,
  );

  // All of this the restored server has never heard of.
  const lost = await report(writer.halo, 'after, answered');
  await writer.halo.whenSettled();
  await eventually(
    async () =>
      expect(
        await writer.halo.query(`SELECT description FROM my_reports WHERE sync_state = 'synced'`),
      ).toHaveLength(3),
    PATIENT,
  );
  const deaf = await openDevice(server, 'deaf', { email, password });
  deaf.proxy.onAnswer(MUTATIONS, () => 'hold');
  await report(deaf.halo, 'after, answer lost');
  await eventually(
    async () => expect(await reportsIn(database.pool)).toContain('after, answer lost'),
    PATIENT,
  );
  // Settled and answered, and no row of it ever came.
  const blind = await openDevice(server, 'blind', { email, password }, { hears: false });
  await report(blind.halo, 'after, answered and never seen');
  await blind.halo.whenSettled();
  const newcomer = await registerAccount(server.url, 'newcomer');
  const late = await openDevice(server, 'late', { email: newcomer.email, password: newcomer.password });
  const nameless = await openDevice(server, 'nameless', { anonymous: true });
  await report(nameless.halo, 'after, by nobody');
  await nameless.halo.whenSettled();

  const devices = [writer, unheard, anonymous, deaf, blind, late, nameless];
  await server.process.kill('SIGKILL');
  for (const { proxy } of devices) {
    proxy.onAnswer(MUTATIONS, undefined);
    proxy.onAnswer(STREAMS, undefined);
    proxy.down();
  }
  for (const { name, halo } of devices) await report(halo, `queued by ${name}`);
  await report(writer.halo, 'queued by writer, too');
  await writer.halo.amendReport(lost.id, { severity: 5 });

  const restored = await createTestDatabase({ migrate: false });
  onTestFinished(() => restored.drop());
  await command(
    'server/backup/restore-main.ts',
    ['--latest', '--to', restored.url],
    { ...backups, HALO_DATA_DIR: join(dir, 'elsewhere') },
    /devices fetch their shapes again, once/,
  );
  server = await startServerProcess(restored.url, { dataDir });
  onTestFinished(async () => {
    await server.process.kill('SIGTERM');
  });
  for (const mark of marks) mark();
  for (const { proxy } of devices) {
    proxy.aim(server.url);
    proxy.up();
  }

  const settling = devices.filter((device) => device !== late);
  for (const { halo } of settling) await halo.whenSettled();
  const expected = [
    'before, answered',
    'before, answer lost',
    'after, answer lost',
    ...settling.map(({ name }) => `queued by ${name}`),
    'queued by writer, too',
  ];
  expect((await reportsIn(restored.pool)).toSorted()).toEqual(expected.toSorted());

  // Rows are those of the database, and nothing of what it has forgotten.
  const { rows: truth } = await restored.pool.query(
    `SELECT id::text, severity::int FROM incidents WHERE region = '01' ORDER BY id`,
  );
  expect(truth).toHaveLength(expected.length);
  for (const { name, halo } of settling) {
    const shown = () =>
      halo.query(`SELECT id::text, severity::int FROM incidents WHERE region = '01' ORDER BY id`);
    await eventually(async () => expect(await shown(), name).toEqual(truth), PATIENT);
  }
  const mine = async (halo: Halo) =>
    (
      await halo.query<{ description: string }>('SELECT description FROM my_reports ORDER BY description')
    ).map(({ description }) => description);
  const { rows: kept } = await restored.pool.query<{ description: string }>(
    `SELECT description FROM reports WHERE reporter_id = $1 ORDER BY description`,
    [account.id],
  );
  const own = kept.map(({ description }) => description).toSorted();
  await eventually(async () => {
    for (const { name, halo } of [writer, unheard, deaf])
      expect((await mine(halo)).toSorted(), name).toEqual(own);
  }, PATIENT);
  // A server that lags looks the same: only a second comparison lets it go.
  await blind.halo.whenLive();
  await blind.halo.verify();
  expect((await mine(blind.halo)).toSorted()).toEqual([...own, 'after, answered and never seen'].toSorted());
  aheadMs = 11 * 60_000;
  await blind.halo.verify();
  expect((await mine(blind.halo)).toSorted()).toEqual(own);
  // What built upon something forgotten is its author's to see.
  expect(await writer.halo.outbox.list()).toMatchObject([
    { type: 'report.amend', rejection: { code: 'not_found' } },
  ]);
  // The blind one had read nothing before.
  for (const device of settling.filter((one) => one !== blind)) {
    const counts = Object.entries(device.refetched());
    expect(counts.length, device.name).toBeGreaterThan(2);
    for (const [shape, times] of counts) expect(times, `${device.name}: ${shape}`).toBe(1);
  }

  // Everybody may know between which moments it is.
  expect(await writer.halo.request('GET', '/api/v1/restores')).toMatchObject({
    restores: [{ takenAt: expect.any(String) as string, restoredAt: expect.any(String) as string }],
  });
  // An account that is newer than the backup is nobody's, and its queue waits.
  expect(await late.halo.outbox.list()).toMatchObject([{ args: { description: 'queued by late' } }]);
  expect(late.halo.status().outbox).toMatchObject({ pending: 1 });
}, 300_000);

async function reportsIn(pool: {
  query(sql: string): Promise<{ rows: { description: string }[] }>;
}): Promise<string[]> {
  return (await pool.query('SELECT description FROM reports')).rows.map(({ description }) => description);
}
