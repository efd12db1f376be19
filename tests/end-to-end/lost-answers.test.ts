import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutation, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { RawDevice } from '../support/mutations-client.ts';
import { accessToken, registerAccount, startServerProcess } from '../support/server.ts';

const DEVICES = 4;
const WRITES = 200;

it('invariant 2 (O10): a lost answer is given again, at once, an hour later and after a restart', async () => {
  const database = await useTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'halo-lost-answers-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  let server = await startServerProcess(database.url, { dataDir });
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const token = await accessToken(proxy.url, await registerAccount(proxy.url, 'writer'));
  const devices = Array.from({ length: DEVICES }, () => new RawDevice(token));

  let exchanges = 0;
  proxy.onAnswer('POST /v1/mutations', () => (exchanges++ % 10 < 3 ? 'cut' : 'pass'));
  const sent: { device: RawDevice; mutation: Mutation; first: MutationResult | undefined }[] = [];
  for (let n = 0; n < WRITES; n += 1) {
    const device = devices[n % DEVICES]!;
    const mutation = device.report(`report ${n}`, { lat: 59.2 + 0.01 * (n % 20), lon: 18.05 });
    const answer = await device.post(proxy.url, [mutation]).catch(() => undefined);
    sent.push({ device, mutation, first: answer?.body.results[0] });
  }
  expect(sent.filter(({ first }) => first === undefined)).toHaveLength(0.3 * WRITES);
  proxy.onAnswer('POST /v1/mutations', undefined);
  const effects = await readEffects(database);
  expect(effects).toMatchObject({ ledger: WRITES, reports: WRITES, counted: WRITES, doubled: 0 });

  // What each answer must have said, whether it came or was cut: read before anything is asked again.
  const settled = await readLedger(database);
  for (const { mutation, first } of sent) {
    if (first !== undefined) expect(first).toEqual({ ...settled.get(mutation.id), replayed: false });
  }
  const askAgain = async () => {
    for (const { device, mutation } of sent) {
      const { status, body } = await device.post(proxy.url, [mutation]);
      expect(status).toBe(200);
      expect(body.results).toEqual([{ ...settled.get(mutation.id), replayed: true }]);
      expect(body.results).toMatchObject([{ id: mutation.id, seq: mutation.seq, status: 'applied' }]);
    }
  };
  await askAgain();
  await database.pool.query(`UPDATE ledger SET settled_at = settled_at - interval '1 hour'`);
  await askAgain();
  await server.process.kill('SIGKILL');
  server = await startServerProcess(database.url, { dataDir });
  proxy.aim(server.url);
  await askAgain();
  expect(await readEffects(database)).toEqual(effects);
  await server.process.kill('SIGTERM');
}, 240_000);

/** The answers that Postgres keeps, by the ids of their mutations. */
async function readLedger({ pool }: TestDatabase) {
  const { rows } = await pool.query<Omit<MutationResult, 'replayed'>>(
    'SELECT id, seq::int, status, txid, result FROM ledger',
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** All that a mutation has an effect on. */
async function readEffects({ pool }: TestDatabase) {
  const { rows } = await pool.query<Record<string, number | string>>(
    `SELECT (SELECT count(*) FROM ledger)::int AS ledger,
            (SELECT count(*) FROM reports)::int AS reports,
            (SELECT count(*) - count(DISTINCT description) FROM reports)::int AS doubled,
            (SELECT sum(report_count) FROM incidents)::int AS counted,
            (SELECT md5(string_agg(i::text, E'\\n' ORDER BY id)) FROM incidents AS i) AS incidents`,
  );
  return rows[0]!;
}
