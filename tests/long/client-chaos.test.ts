import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { expect, it, onTestFinished } from 'vitest';
import { FAULTS, startChaosProxy } from '../support/chaos-proxy.ts';
import type { Fault } from '../support/chaos-proxy.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { violations } from '../support/history.ts';
import type { HistoryEvent } from '../support/history.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount } from '../support/server.ts';
import { sampleReport } from '../integration/client-samples.ts';

/** Reports of each device while the network fails. */
const REPORTS = 70;
/** Share of the exchanges that a fault strikes. */
const FAULT_SHARE = 0.35;
/** Share of the reads that a stale cache answers, of those that it can. */
const STALE_SHARE = 0.5;
const HEALED = { withinMs: 60_000 };
const INCIDENT_COLUMNS = `id::text, type::text, severity::int, verification::text, report_count::int`;
const INCIDENTS = `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE region = '01' ORDER BY id`;
/** One statement, so that it sees one state of the replica. */
const ALL = `SELECT
  (SELECT coalesce(json_agg(json_build_object('id', id, 'incident', incident_id, 'version', version)), '[]')
     FROM my_reports) AS reports,
  (SELECT coalesce(json_agg(id), '[]') FROM my_mutations) AS mutations,
  (SELECT coalesce(json_agg(id), '[]') FROM incidents WHERE region = '01') AS incidents`;
/** Parts that every transaction must show together. */
const WHOLE: readonly string[] = ['report', 'mutation', 'incident'];

interface AllRow extends Record<string, unknown> {
  readonly reports: readonly {
    readonly id: string;
    readonly incident: string | null;
    readonly version: number | null;
  }[];
  readonly mutations: readonly string[];
  readonly incidents: readonly string[];
}

it('invariants 1, 2 and 7: through random faults on all routes each report counts once, and replicas keep their promises', async () => {
  const seed = Number(process.env.HALO_CHAOS_SEED ?? Date.now() % 2 ** 31);
  process.stderr.write(`seed of the faults: HALO_CHAOS_SEED=${seed}\n`);
  const random = seeded(seed);
  const dir = mkdtempSync(join(tmpdir(), 'halo-chaos-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const database = await useTestDatabase();
  const env = { HALO_RATE_LIMIT: 'off' };
  const server = await startServerProcess(database.url, { dataDir: join(dir, 'server'), env });
  onTestFinished(() => stopServerProcess(server));
  const proxy = await startChaosProxy(server.url, random);
  onTestFinished(() => proxy.close());
  const [ann, bob] = [await registerAccount(server.url, 'ann'), await registerAccount(server.url, 'bob')];
  const owners: readonly (readonly [string, TestAccount])[] = [
    ['phone of ann', ann],
    ['tablet of ann', ann],
    ['phone of bob', bob],
  ];
  const devices: { name: string; account: TestAccount; halo: Halo }[] = [];
  for (const [name, account] of owners) {
    const halo = await openHalo({
      url: proxy.url,
      store: nodeStore(join(dir, name)),
      auth: { email: account.email, password: account.password },
      shapes: [{ name: 'incidents', params: { region: '01' } }],
    });
    onTestFinished(() => halo.close());
    devices.push({ name, account, halo });
  }
  await Promise.all(devices.map(({ halo }) => halo.whenLive()));

  const history: HistoryEvent[] = [];
  const ids = new Set<string>();
  let healed = false;
  proxy.decide((isCached): Fault => {
    if (isCached && random() < STALE_SHARE) return 'stale';
    return random() < FAULT_SHARE ? FAULTS[Math.floor(random() * FAULTS.length)]! : 'pass';
  });
  const reading = devices.map(async ({ name, halo }) => {
    while (!healed) {
      history.push(await readAll(name, halo));
      await sleep(50 + random() * 150);
    }
  });
  const writing = devices.map(async ({ name, halo }, n) => {
    for (let count = 0; count < REPORTS; count += 1) {
      const { id } = await halo.report(reportNo(n * REPORTS + count));
      history.push({ kind: 'kept', device: name, id, at: performance.now() });
      ids.add(id);
      if (random() < 0.5) await sleep(random() * 120);
    }
  });
  await Promise.all(writing);
  await eventually(() => expect([...FAULTS].filter((fault) => !proxy.struck.get(fault))).toEqual([]), {
    withinMs: 60_000,
  });
  proxy.decide(undefined);

  await Promise.all(devices.map(({ halo }) => halo.whenSettled()));
  const { rows: truth } = await database.pool.query(INCIDENTS);
  for (const { account, halo } of devices) {
    const mine = `SELECT id::text, version::int FROM reports WHERE reporter_id = $1 ORDER BY id`;
    const { rows: own } = await database.pool.query(mine, [account.id]);
    const replicas = `SELECT id::text, version::int FROM my_reports ORDER BY id`;
    await eventually(async () => {
      expect(await halo.query(INCIDENTS)).toEqual(truth);
      expect(await halo.query(replicas)).toEqual(own);
    }, HEALED);
  }
  healed = true;
  await Promise.all(reading);

  const { rows } = await database.pool.query<{ id: string }>('SELECT id::text FROM reports');
  expect(rows.map(({ id }) => id).toSorted()).toEqual([...ids].toSorted());
  expect(ids.size).toBe(devices.length * REPORTS);
  const { rows: ledger } = await database.pool.query('SELECT count(*)::int AS n FROM ledger');
  expect(ledger).toEqual([{ n: ids.size }]);
  expect(violations(history, WHOLE)).toEqual([]);
  expect(history.filter(({ kind }) => kind === 'read').length).toBeGreaterThan(30);
}, 300_000);

async function readAll(device: string, halo: Halo): Promise<HistoryEvent> {
  const began = performance.now();
  const [row] = await halo.query<AllRow>(ALL);
  const ended = performance.now();
  const { reports, mutations, incidents } = row!;
  // Optimistic rows have no version: no transaction of the server's has brought them yet.
  const streamed = reports.filter(({ version }) => version !== null);
  const parts = new Map<string, string[]>();
  const add = (id: string, part: string) => parts.set(id, [...(parts.get(id) ?? []), part]);
  for (const { id, incident } of streamed) {
    add(id, 'report');
    if (incidents.includes(incident ?? '')) add(id, 'incident');
  }
  for (const id of mutations) add(id, 'mutation');
  return {
    kind: 'read',
    device,
    began,
    ended,
    own: reports.map(({ id }) => id),
    versions: Object.fromEntries(streamed.map(({ id, version }) => [id, version!])),
    parts: Object.fromEntries(parts),
  };
}

/** Reports of seven places, so that some describe the same incident. */
function reportNo(n: number) {
  const location = { lat: 59.3 + 0.02 * (n % 7), lon: 18.05, accuracyM: 10 };
  return { ...sampleReport(`report ${n}`), occurredAt: new Date().toISOString(), location };
}

/** Mulberry32: the same draws for the same seed, as far as the devices ask in the same order. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
