import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { followWithElectric } from '../support/electric-follower.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { RawDevice } from '../support/mutations-client.ts';
import { accessToken, registerAccount, startServerProcess } from '../support/server.ts';

const STOCKHOLM = '01';
const ELSEWHERE = '12';

it('invariants 5 and 6: Electric’s own client follows incidents and my_reports through a restart and kill -9', async () => {
  const database = await useTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'halo-electric-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  let server = await startServerProcess(database.url, { dataDir });
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const startAgain = async () => {
    server = await startServerProcess(database.url, { dataDir });
    proxy.aim(server.url);
  };
  const token = await accessToken(proxy.url, await registerAccount(proxy.url, 'author'));
  const other = new RawDevice(await accessToken(proxy.url, await registerAccount(proxy.url, 'other')));
  const author = new RawDevice(token);
  const report = async (device: RawDevice, text: string, n: number) => {
    const mutation = device.report(text, { lat: 59.3 + 0.02 * n, lon: 18.05 });
    expect((await device.post(proxy.url, [mutation])).body.results).toMatchObject([{ status: 'applied' }]);
  };

  for (let n = 0; n < 4; n += 1) await report(n % 2 === 0 ? author : other, `at first ${n}`, n);
  const incidents = followWithElectric(proxy.url, `incidents?region=${STOCKHOLM}`, `Bearer ${token}`);
  const mine = followWithElectric(proxy.url, 'my_reports', `Bearer ${token}`);
  const followed = async () => {
    const truth = await readTruth(database, author.deviceId);
    await eventually(() => {
      expect([incidents.faults, mine.faults]).toEqual([[], []]);
      expect(incidents.values('id')).toEqual(truth.incidents);
      expect(incidents.values('severity')).toEqual(truth.severities);
      expect(incidents.kept('id')).toEqual(truth.incidents);
      expect(incidents.kept('severity')).toEqual(truth.severities);
      expect(mine.values('description')).toEqual(truth.mine);
      expect(mine.kept('description')).toEqual(truth.mine);
    });
  };
  await followed();
  await report(author, 'live', 5);
  await change(database);
  await followed();

  // Each live answer is cut once, within its body as soon as it has one.
  const cut = new Set<string>();
  const live = (path: string) => `GET /v1/shapes/${path}`;
  for (const path of ['incidents', 'my_reports'] as const) {
    proxy.onAnswer(live(path), () => {
      if (cut.has(path)) return 'pass';
      cut.add(path);
      return 'half';
    });
  }
  await change(database);
  await report(author, 'while answers are cut', 8);
  await followed();
  // A request that was open already is let through: the next one is cut.
  await eventually(() => expect(cut.size).toBe(2));
  for (const path of cut) proxy.onAnswer(live(path), undefined);

  // In order, with changes while nobody serves.
  await server.process.kill('SIGTERM');
  await change(database);
  await startAgain();
  await followed();
  await report(author, 'after the restart', 6);

  // kill -9 while changes commit, three times; the last ones commit while it is away.
  for (let round = 0; round < 3; round += 1) {
    let writing = true;
    const writes = (async () => {
      while (writing) await change(database);
    })();
    await new Promise((resolve) => setTimeout(resolve, 50 + 100 * round));
    await server.process.kill('SIGKILL');
    writing = false;
    await writes;
    await startAgain();
    await followed();
    await report(author, `after kill ${round}`, 7 + round);
  }
  await followed();

  for (const { faults, handles } of [incidents, mine]) {
    expect(faults).toEqual([]);
    expect(handles.size).toBe(1);
  }
  const snapshots = proxy.requests().filter((line) => /^GET \/v1\/shapes\/\S*[?&]offset=-1/.test(line));
  expect(snapshots).toHaveLength(2);
  await server.process.kill('SIGTERM');
}, 240_000);

/** One transaction each: an update, a move out of the filter, a move in, an insert, a delete. */
async function change({ pool }: TestDatabase): Promise<void> {
  const pick = (region: string) =>
    `(SELECT id FROM incidents WHERE region = '${region}' ORDER BY random() LIMIT 1)`;
  await pool.query(`UPDATE incidents SET severity = severity % 5 + 1 WHERE id = ${pick(STOCKHOLM)}`);
  await pool.query(`UPDATE incidents SET region = '${ELSEWHERE}' WHERE id = ${pick(STOCKHOLM)}`);
  await pool.query(`UPDATE incidents SET region = '${STOCKHOLM}' WHERE id = ${pick(ELSEWHERE)}`);
  await pool.query(
    `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                            report_count, reporter_count)
     VALUES (gen_random_uuid(), 'fire', 2, 0.5, now(), 59.3, 18.1, 'municipality', '${STOCKHOLM}', 0, 0)`,
  );
  await pool.query(
    `DELETE FROM incidents WHERE id = (SELECT id FROM incidents WHERE report_count = 0 ORDER BY random() LIMIT 1)`,
  );
  await pool.query(
    `UPDATE reports SET description = description || '.'
     WHERE id = (SELECT id FROM reports ORDER BY random() LIMIT 1) AND length(description) < 60`,
  );
  // The author of half of them changes, which moves them into his shape and out of it.
  await pool.query(
    `UPDATE reports SET reporter_id = (SELECT id FROM users WHERE role = 'reporter' ORDER BY random() LIMIT 1)
     WHERE id = (SELECT id FROM reports ORDER BY random() LIMIT 1)`,
  );
}

async function readTruth({ pool }: TestDatabase, deviceId: string) {
  const { rows: incidents } = await pool.query<{ id: string; severity: number }>(
    'SELECT id, severity FROM incidents WHERE region = $1',
    [STOCKHOLM],
  );
  const { rows: mine } = await pool.query<{ description: string }>(
    'SELECT description FROM reports WHERE reporter_id = (SELECT user_id FROM devices WHERE id = $1)',
    [deviceId],
  );
  return {
    incidents: incidents.map(({ id }) => id).toSorted(),
    severities: incidents.map(({ severity }) => severity).toSorted(),
    mine: mine.map(({ description }) => description).toSorted(),
  };
}
