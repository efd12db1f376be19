import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Environment, Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount, TestServer } from '../support/server.ts';
import { sampleReport } from '../integration/client-samples.ts';

const MONTH_MS = 31 * 86_400_000;
const MUTATIONS = 'POST /v1/mutations';
const COLUMNS = `id::text, type::text, severity::int, verification::text, report_count::int, reporter_count::int`;
const INCIDENTS = `SELECT ${COLUMNS} FROM incidents WHERE region = '01' ORDER BY id`;

let dir: string;
let database: TestDatabase;
let server: TestServer;
let proxy: FaultProxy;
let open: Halo[];
beforeEach(async () => {
  open = [];
  dir = mkdtempSync(join(tmpdir(), 'halo-client-server-'));
});
afterEach(async () => {
  for (const halo of open) await halo.close();
  await proxy.close();
  await stopServerProcess(server);
  rmSync(dir, { recursive: true, force: true });
});

async function startServer(): Promise<void> {
  database = await useTestDatabase();
  server = await startServerProcess(database.url, { dataDir: join(dir, 'server') });
  proxy = await startFaultProxy(server.url);
}

async function device(
  name: string,
  account: TestAccount,
  { environment = realEnvironment }: { environment?: Environment } = {},
): Promise<Halo> {
  const { email, password } = account;
  const shapes = [{ name: 'incidents', params: { region: '01' } }];
  const store = nodeStore(join(dir, name));
  const halo = await openHalo({ url: proxy.url, store, auth: { email, password }, shapes }, environment);
  open.push(halo);
  return halo;
}

async function count(sql: string): Promise<number> {
  return (await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]!.n;
}

describe('the client against the real server', () => {
  it('invariants 1 and 2 (O10): 200 reports, of whose answers 30 % are cut, are stored once each', async () => {
    await startServer();
    const halo = await device('writer', await registerAccount(server.url, 'writer'));
    let exchanges = 0;
    proxy.onAnswer(MUTATIONS, () => (exchanges++ % 10 < 3 ? 'cut' : 'pass'));
    // In small groups, so that there are many exchanges and many cuts.
    for (let group = 0; group < 40; group += 1) {
      const reports = Array.from({ length: 5 }, (_, n) => ({
        ...sampleReport(`report ${group * 5 + n}`),
        occurredAt: new Date().toISOString(),
      }));
      await Promise.all(reports.map((report) => halo.report(report)));
      if (group % 4 === 0) await halo.whenSettled();
    }
    await halo.whenSettled();
    expect(exchanges).toBeGreaterThan(10);
    expect(await halo.outbox.list()).toEqual([]);
    expect(await count('reports')).toBe(200);
    expect(await count('ledger')).toBe(200);
    expect(await count('(SELECT DISTINCT description FROM reports) AS d')).toBe(200);
    const { rows: gaps } = await database.pool.query('SELECT max(seq)::int AS last FROM ledger');
    expect(gaps).toEqual([{ last: 200 }]);
  }, 240_000);

  it('invariants 1 and 2: a store put back from a backup delivers each report once, and none is lost', async () => {
    await startServer();
    const account = await registerAccount(server.url, 'writer');
    const report = (halo: Halo, description: string) =>
      halo.report({ ...sampleReport(description), occurredAt: new Date().toISOString() });
    const first = await device('phone', account);
    await report(first, 'settled before');
    await first.whenSettled();
    proxy.down();
    await report(first, 'one');
    await report(first, 'two');
    await first.close();
    cpSync(join(dir, 'phone'), join(dir, 'backup'), { recursive: true });

    proxy.up();
    const second = await device('phone', account);
    await report(second, 'three');
    await second.whenSettled();
    await second.close();
    expect(await count('reports')).toBe(4);

    rmSync(join(dir, 'phone'), { recursive: true });
    cpSync(join(dir, 'backup'), join(dir, 'phone'), { recursive: true });
    const restored = await device('phone', account);
    await report(restored, 'four');
    await restored.whenSettled();
    await report(restored, 'five');
    await restored.whenSettled();
    expect(await restored.outbox.list()).toEqual([]);
    const { rows } = await database.pool.query<{ description: string }>(
      'SELECT description FROM reports ORDER BY description',
    );
    expect(rows.map(({ description }) => description)).toEqual([
      'five',
      'four',
      'one',
      'settled before',
      'three',
      'two',
    ]);
    expect(await count('ledger')).toBe(6);
    expect(await count('devices')).toBe(2);
  }, 240_000);

  it('what one device reports offline is on the other once it is back, and both equal the query', async () => {
    await startServer();
    const writer = await device('writer', await registerAccount(server.url, 'writer'));
    const reader = await device('reader', await registerAccount(server.url, 'reader'));
    await Promise.all([writer.whenLive(), reader.whenLive()]);
    proxy.down();
    await eventually(() => expect(writer.status().network).toBe('offline'));
    for (let n = 0; n < 20; n += 1) {
      await writer.report({
        ...sampleReport(`offline ${n}`),
        occurredAt: new Date().toISOString(),
        location: { lat: 59.3 + 0.02 * (n % 5), lon: 18.05, accuracyM: 10 },
      });
    }
    expect(
      await writer.query(`SELECT count(*)::int AS n FROM my_reports WHERE sync_state = 'queued'`),
    ).toEqual([{ n: 20 }]);
    proxy.up();
    await writer.whenSettled();
    const { rows: truth } = await database.pool.query(INCIDENTS);
    expect(truth.length).toBeGreaterThan(0);
    for (const halo of [writer, reader]) {
      await eventually(async () => expect(await halo.query(INCIDENTS)).toEqual(truth), { withinMs: 60_000 });
    }
    const streamed = `SELECT count(*)::int AS n FROM my_reports WHERE received_at IS NOT NULL`;
    await eventually(async () => expect(await writer.query(streamed)).toEqual([{ n: 20 }]));
    expect(await writer.query('SELECT count(*)::int AS n FROM my_mutations')).toEqual([{ n: 20 }]);
    expect(await reader.query('SELECT count(*)::int AS n FROM my_reports')).toEqual([{ n: 0 }]);
  }, 240_000);

  it('a rejected report says why, on this device and on another of the same person', async () => {
    await startServer();
    const account = await registerAccount(server.url, 'writer');
    const phone = await device('phone', account);
    const tablet = await device('tablet', account);
    await tablet.whenLive();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { id } = await phone.report({ ...sampleReport('from the future'), occurredAt: tomorrow });
    await phone.whenSettled();
    const [entry] = await phone.outbox.list();
    expect(entry).toMatchObject({ id, state: 'rejected', rejection: { field: 'occurredAt' } });
    const sql = `SELECT status, code FROM my_mutations WHERE id = $1`;
    await eventually(async () =>
      expect(await tablet.query(sql, [id])).toEqual([{ status: 'rejected', code: entry!.rejection!.code }]),
    );
    const again = await phone.outbox.resend(id, { occurredAt: new Date().toISOString() });
    await phone.whenSettled();
    expect(await count(`reports WHERE id = '${again.id}'`)).toBe(1);
    expect(await phone.outbox.list()).toEqual([]);
  }, 240_000);

  it('compares its rows with the server while others write: equal always, and what was lost comes back', async () => {
    await startServer();
    const writer = await device('writer', await registerAccount(server.url, 'writer'));
    const reader = await device('reader', await registerAccount(server.url, 'reader'));
    await reader.whenLive();
    for (let round = 0; round < 8; round += 1) {
      const writing = [1, 2, 3].map((n) =>
        writer.report({ ...sampleReport(`report ${round * 3 + n}`), occurredAt: new Date().toISOString() }),
      );
      const compared = await reader.verify();
      expect(compared.map(({ outcome, error }) => ({ outcome, error }))).toEqual(
        compared.map(() => ({ outcome: 'equal', error: undefined })),
      );
      await Promise.all(writing);
    }
    await writer.whenSettled();
    await eventually(async () => expect(await reader.query(INCIDENTS)).not.toEqual([]));
    await reader.query('UPDATE synced.incidents SET severity = 6 - severity, report_count = 0');
    const [broken] = await reader.verify();
    expect(broken).toMatchObject({ shape: 'incidents?region=01', outcome: 'different', rebuilt: true });
    await reader.whenLive();
    expect((await reader.verify())[0]).toMatchObject({ outcome: 'equal' });
    expect(await reader.query(INCIDENTS)).toEqual((await database.pool.query(INCIDENTS)).rows);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^halo_shape_checksums_different_total 1$/m);
    expect(metrics).toMatch(/^halo_shape_checksums_equal_total \d\d$/m);
    await eventually(() =>
      expect(server.process.output()).toContain("a device's rows differ from the server's"),
    );
  }, 240_000);

  it('invariant 1 (O8): five queued reports outlive altered tables, and a replica that is made anew', async () => {
    await startServer();
    const account = await registerAccount(server.url, 'author');
    let halo = await device('author', account);
    await halo.report({ ...sampleReport('before'), occurredAt: new Date().toISOString() });
    await halo.whenSettled();
    await eventually(async () => expect(await halo.query(INCIDENTS)).toHaveLength(1));
    proxy.down();
    for (let n = 1; n <= 5; n += 1)
      await halo.report({ ...sampleReport(`queued ${n}`), occurredAt: new Date().toISOString() });
    await database.pool.query(`
      ALTER TABLE incidents ADD COLUMN weather text;
      ALTER TABLE incidents ALTER COLUMN occurred_at DROP NOT NULL;
      ALTER TABLE reports ADD COLUMN weather text NOT NULL DEFAULT 'rain'`);
    // A replica as another catalogue made it, without a column that this one has.
    await halo.query('ALTER TABLE synced.incidents DROP COLUMN merged_into CASCADE');
    await halo.query(`UPDATE local.meta SET value = 'another catalogue' WHERE key = 'schema'`);
    await halo.close();
    halo = await device('author', account);
    const mine = `SELECT description FROM my_reports WHERE sync_state = 'queued'`;
    expect(await halo.query(mine)).toHaveLength(5);
    expect(await halo.query('SELECT merged_into FROM incidents')).toEqual([]);
    expect(await count('reports')).toBe(1);
    proxy.up();
    await halo.whenSettled();
    await halo.whenLive();
    expect(await count('reports')).toBe(6);
    await database.pool.query(`UPDATE incidents SET weather = 'rain', severity = 5`);
    const { rows } = await database.pool.query(INCIDENTS);
    await eventually(async () => expect(await halo.query(INCIDENTS)).toEqual(rows));
    await eventually(async () => expect(await halo.query(mine)).toEqual([]));
    expect((await halo.verify()).map(({ outcome }) => outcome)).toEqual(['equal', 'equal', 'equal']);
  }, 240_000);

  it('invariants 1 and 2: a device that was a month offline delivers all, logs in by itself, and reads anew once', async () => {
    await startServer();
    const account = await registerAccount(server.url, 'traveller');
    const monthAgo = { ...realEnvironment, now: () => Date.now() - MONTH_MS };
    const away = await device('phone', account, { environment: monthAgo });
    const report = (halo: Halo, description: string, occurredAtMs: number) =>
      halo.report({ ...sampleReport(description), occurredAt: new Date(occurredAtMs).toISOString() });
    await report(away, 'before the journey', Date.now() - MONTH_MS);
    await away.whenSettled();
    await eventually(async () => expect(await away.query(INCIDENTS)).toHaveLength(1));
    proxy.down();
    const queued = await report(away, 'on the journey', Date.now() - MONTH_MS);
    await away.amendReport(queued.id, { severity: 4 });
    await away.close();
    proxy.up();
    const other = await device('other', await registerAccount(server.url, 'other'));
    await report(other, 'meanwhile', Date.now() - 1_000);
    await other.whenSettled();
    await other.close();

    // A month goes by for the server, too: its sessions age, and nothing of that time is in its log any more.
    await database.pool.query(`
      UPDATE sessions SET created_at = created_at - interval '31 days', expires_at = expires_at - interval '31 days';
      UPDATE refresh_tokens SET issued_at = issued_at - interval '31 days', used_at = used_at - interval '31 days'`);
    const dataDir = join(dir, 'server');
    await server.process.kill('SIGTERM');
    rmSync(join(dataDir, 'log'), { recursive: true });
    server = await startServerProcess(database.url, { dataDir });
    await proxy.close();
    proxy = await startFaultProxy(server.url);

    const shapes: string[] = [];
    const environment: Environment = {
      ...realEnvironment,
      fetch(input, init) {
        const url = new URL(input);
        if (url.pathname === '/v1/shapes/incidents') shapes.push(url.searchParams.get('offset')!);
        if (url.pathname.startsWith('/api/v1/auth/')) shapes.push(url.pathname.slice('/api/v1/auth/'.length));
        return fetch(input, init);
      },
    };
    // Without the password: the session that it kept is good for another month.
    const back = await device('phone', { ...account, password: '' }, { environment });
    const seen: number[] = [];
    back.live(INCIDENTS, [], (rows) => seen.push(rows.length));
    await back.whenSettled();
    const { rows: truth } = await database.pool.query(INCIDENTS);
    await eventually(async () => expect(await back.query(INCIDENTS)).toEqual(truth));
    await back.whenLive();
    expect([shapes.filter((one) => one === '-1'), shapes.filter((one) => one === 'refresh')]).toEqual([
      ['-1'],
      ['refresh'],
    ]);
    // What was on the device stayed in sight until the new rows took its place.
    expect(Math.min(...seen)).toBeGreaterThan(0);
    expect(await back.outbox.list()).toEqual([]);
    const { rows: ledger } = await database.pool.query(
      `SELECT status::text, clock_suspect, claimed_at < now() - interval '29 days' AS old
       FROM ledger WHERE user_id = $1 ORDER BY seq`,
      [account.id],
    );
    const applied = { status: 'applied', clock_suspect: false, old: true };
    expect(ledger).toEqual([applied, applied, applied]);
    expect(await count(`reports WHERE id = '${queued.id}' AND severity = 4`)).toBe(1);
  }, 240_000);
});
