import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import type { Mutation } from '@halo/shapes/protocol/mutation-batch.ts';
import { takeAdvisoryLocks } from '../../server/db/advisory-locks.ts';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { reportLocks } from '../../server/reports/report-locks.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { newReport } from '../model/linking-arbitraries.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };
/** Too far from HERE to be one event; in a municipality of its own. */
const ELSEWHERE = { lat: 57.7089, lon: 11.9746, accuracyM: 20 };

async function start(users = 1) {
  const { pool, url } = await useTestDatabase();
  const userIds = await addUsers(pool, users);
  const app = createInstance(pool);
  const devices = userIds.map((userId) => new TestDevice(userId));
  const device = devices[0]!;
  const report = device.report();
  await device.settle(app, [report]);
  return { pool, url, app, devices, device, report };
}

const amend = (device: TestDevice, reportId: string, seen: object, changes: object): Mutation =>
  device.mutation('report.amend', { reportId, ...seen, changes });
const withdraw = (device: TestDevice, reportId: string): Mutation =>
  device.mutation('report.withdraw', { reportId });

async function reports(pool: Pool) {
  const { rows } = await pool.query<{ incident_id: string; version: number; description: string }>(
    `SELECT id, version, type, severity, description, lat, region, status, incident_id FROM reports ORDER BY id`,
  );
  return rows;
}

async function incidents(pool: Pool) {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id, type, status, severity, region, report_count, reporter_count FROM incidents ORDER BY id',
  );
  return rows;
}

async function versions(pool: Pool) {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT report_id, version, severity, description, reporter_id, replaced_by FROM report_versions
     ORDER BY report_id, version`,
  );
  return rows;
}

describe('report.amend', () => {
  it('changes what it names, keeps what was said before for the author, and the incident follows', async () => {
    const { pool, app, device, report } = await start();
    const change = amend(device, report.id, { version: 1 }, { severity: 5, description: ' Two bicycles ' });
    const { results } = await device.settle(app, [change]);
    const [stored] = await reports(pool);
    expect(results).toMatchObject([
      { status: 'applied', result: { reportId: report.id, version: 2, incidentId: stored?.incident_id } },
    ]);
    expect(stored).toMatchObject({ version: 2, type: 'theft', severity: 5, description: 'Two bicycles' });
    expect(await incidents(pool)).toMatchObject([{ id: stored?.incident_id, severity: 5, status: 'open' }]);
    expect(await versions(pool)).toEqual([
      {
        report_id: report.id,
        version: 1,
        severity: 2,
        description: 'A bicycle was taken',
        reporter_id: device.userId,
        replaced_by: change.id,
      },
    ]);
  });

  it('that moves a report takes it out of one incident and into another', async () => {
    const { pool, app, devices, device, report } = await start(3);
    const [, near, far] = devices as [TestDevice, TestDevice, TestDevice];
    await near.settle(app, [near.report()]);
    const there = far.report({ location: ELSEWHERE });
    await far.settle(app, [there]);
    const before = await incidents(pool);
    expect(before.map((each) => each)).toMatchObject([{ report_count: 2 }, { report_count: 1 }]);

    await device.settle(app, [amend(device, report.id, { version: 1 }, { location: ELSEWHERE })]);
    expect(await incidents(pool)).toMatchObject([
      { id: before[0]!.id, report_count: 1, region: '01' },
      { id: before[1]!.id, report_count: 2, region: '14', reporter_count: 2 },
    ]);
    expect((await reports(pool)).find(({ version }) => version === 2)).toMatchObject({ region: '14' });

    await device.settle(app, [amend(device, report.id, { version: 2 }, { type: 'fire' })]);
    expect(await incidents(pool)).toMatchObject([
      { id: before[0]!.id, report_count: 1 },
      { id: before[1]!.id, report_count: 1 },
      { type: 'fire', report_count: 1, region: '14' },
    ]);
  });

  it('follows the rules where another device amended meanwhile, and the overwritten text stays', async () => {
    const { pool, app, device, report } = await start();
    const phone = new TestDevice(device.userId);
    await phone.settle(app, [
      amend(phone, report.id, { version: 1 }, { severity: 4, description: 'By phone' }),
    ]);
    const { results } = await device.settle(app, [
      amend(device, report.id, { version: 1 }, { severity: 5 }),
      amend(device, report.id, { version: 1 }, { severity: 4, type: 'robbery' }),
      amend(device, report.id, { version: 1 }, { description: 'By tablet' }),
      amend(device, report.id, { version: 9 }, { severity: 5 }),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', code: 'version_conflict', field: 'changes.severity' },
      { status: 'applied', result: { version: 3 } },
      { status: 'applied', result: { version: 4 } },
      { status: 'rejected', code: 'version_unknown', field: 'version' },
    ]);
    expect(await reports(pool)).toMatchObject([
      { severity: 4, type: 'robbery', description: 'By tablet', version: 4 },
    ]);
    expect((await versions(pool)).map(({ description }) => description)).toEqual([
      'A bicycle was taken',
      'By phone',
      'By phone',
    ]);
  });

  it('that says what the report says already makes no version', async () => {
    const { pool, app, device, report } = await start();
    const { results } = await device.settle(app, [
      amend(device, report.id, { version: 1 }, { severity: 2, location: HERE }),
    ]);
    expect(results).toMatchObject([{ status: 'applied', result: { version: 1 } }]);
    expect(await versions(pool)).toEqual([]);
  });

  it('comes after a mutation that is still in the queue, whatever versions others made in between', async () => {
    const { pool, app, device } = await start();
    const created = device.report({ type: 'fire' });
    const first = amend(device, created.id, { after: created.id }, { severity: 3 });
    const second = amend(device, created.id, { after: first.id }, { severity: 4 });
    const third = amend(device, created.id, { after: second.id }, { severity: 5 });
    const all = await device.settle(app, [created, first, second]);
    expect(all.results.map(({ result }) => result?.['version'])).toEqual([undefined, 2, 3]);

    const phone = new TestDevice(device.userId);
    await phone.settle(app, [amend(phone, created.id, { version: 3 }, { severity: 1 })]);
    const { results } = await device.settle(app, [third]);
    expect(results).toMatchObject([{ code: 'version_conflict', field: 'changes.severity' }]);
    expect((await reports(pool)).at(-1)).toMatchObject({ severity: 1, version: 4 });
  });

  it('is rejected, naming it, when what it builds upon was rejected; in one batch and later', async () => {
    const { app, device, report } = await start();
    const bad = device.report({ severity: 9 });
    const early = device.report({ occurredAt: '2027-01-01T00:00:00Z' });
    const uponBad = amend(device, bad.id, { after: bad.id }, { severity: 3 });
    const { results } = await device.settle(app, [
      bad,
      early,
      uponBad,
      amend(device, early.id, { version: 1 }, { severity: 3 }),
      amend(device, report.id, { after: uponBad.id }, { severity: 3 }),
    ]);
    expect(results.slice(2)).toMatchObject([
      { code: 'depends_on_rejected', field: 'reportId', message: expect.stringContaining(bad.id) as string },
      { code: 'depends_on_rejected', message: expect.stringContaining(early.id) as string },
      { code: 'depends_on_rejected', field: 'after', message: expect.stringContaining(uponBad.id) as string },
    ]);
    const later = await device.settle(app, [withdraw(device, bad.id)]);
    expect(later.results).toMatchObject([{ code: 'depends_on_rejected', field: 'reportId' }]);
  });

  it('of a report of another person is answered as one of a report that does not exist', async () => {
    const { pool, app, devices, device, report } = await start(2);
    const stranger = devices[1]!;
    const bad = device.report({ severity: 9 });
    await device.settle(app, [bad]);
    const own = stranger.report();
    await stranger.settle(app, [own]);
    const answers: unknown[] = [];
    for (const id of [report.id, uuidv7(), bad.id]) {
      const { results } = await stranger.settle(app, [
        amend(stranger, id, { version: 1 }, { severity: 1 }),
        amend(stranger, id, { version: 99 }, { severity: 1 }),
        amend(stranger, id, { after: id }, { severity: 1 }),
        amend(stranger, own.id, { after: id }, { severity: 1 }),
        withdraw(stranger, id),
      ]);
      answers.push(results.map(({ status, code, message, field }) => ({ status, code, message, field })));
    }
    expect(answers[0]).toMatchObject(Array.from({ length: 5 }, () => ({ code: 'not_found' })));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect((await reports(pool)).find(({ version }) => version !== 1)).toBeUndefined();
  });

  it('refuses what is not of its form, with the field named', async () => {
    const { app, device, report } = await start();
    const args = { reportId: report.id, version: 1, changes: { severity: 3 } };
    const cases: [object, string | undefined][] = [
      [{ ...args, reportId: 'x' }, 'reportId'],
      [{ ...args, after: report.id }, 'version'],
      [{ ...args, version: undefined }, 'version'],
      [{ ...args, version: 0 }, 'version'],
      [{ ...args, changes: {} }, 'changes'],
      [{ ...args, changes: { severity: 9 } }, 'changes.severity'],
      [{ ...args, changes: { region: '01' } }, 'changes'],
      [{ ...args, changes: { description: 'x'.repeat(4001) } }, 'changes.description'],
      [{ ...args, changes: { description: 'NUL \0' } }, 'changes.description'],
      [{ ...args, status: 'withdrawn' }, undefined],
      [{ ...args, changes: { occurredAt: '2026-11-25T12:11:00Z' } }, 'changes.occurredAt'],
    ];
    const mutations = cases.map(([wrong]) => device.mutation('report.amend', wrong));
    const { results } = await device.settle(app, mutations);
    expect(results.map(({ status, field }) => [status, field])).toEqual(
      cases.map(([, field]) => ['rejected', field]),
    );
  });
});

describe('report.withdraw', () => {
  it('takes the report from its incident; the last one closes it', async () => {
    const { pool, app, devices, device, report } = await start(2);
    const other = devices[1]!;
    const second = other.report();
    await other.settle(app, [second]);
    await device.settle(app, [withdraw(device, report.id)]);
    expect(await incidents(pool)).toMatchObject([{ status: 'open', report_count: 1, reporter_count: 1 }]);
    await other.settle(app, [withdraw(other, second.id)]);
    expect(await incidents(pool)).toMatchObject([{ status: 'closed', report_count: 0 }]);
  });

  it('may come twice, and is the end of amending', async () => {
    const { pool, app, device, report } = await start();
    const { results } = await device.settle(app, [
      withdraw(device, report.id),
      withdraw(device, report.id),
      amend(device, report.id, { version: 1 }, { severity: 5 }),
    ]);
    expect(results.map(({ status, code }) => [status, code])).toEqual([
      ['applied', undefined],
      ['applied', undefined],
      ['rejected', 'report_withdrawn'],
    ]);
    expect(await reports(pool)).toMatchObject([{ status: 'withdrawn', severity: 2 }]);
  });
});

it('invariant 2: amends and withdrawals that are sent again have one effect and one answer', async () => {
  const { pool, app, device } = await start();
  const created = device.report({ type: 'fire' });
  const batch = [
    created,
    amend(device, created.id, { after: created.id }, { severity: 4 }),
    amend(device, created.id, { version: 7 }, { severity: 4 }),
    withdraw(device, created.id),
  ];
  const answers = await Promise.all(Array.from({ length: 10 }, () => device.settle(app, batch)));
  const contents = answers.map(({ results }) =>
    JSON.stringify(results.map((one) => ({ ...one, replayed: 0 }))),
  );
  expect(new Set(contents).size).toBe(1);
  expect(await versions(pool)).toHaveLength(1);
});

it('invariant 9: reports that many people amend at once, to and fro, end in the incidents that they say', async () => {
  const { pool, url, app, devices, device, report } = await start(8);
  const otherPool = createPool(url, 10, createLogger('silent'));
  try {
    const otherApp = createInstance(otherPool);
    const own = new Map([[device, report.id]]);
    for (const one of devices.slice(1)) {
      const made = one.report();
      own.set(one, made.id);
      await one.settle(app, [made]);
    }
    for (let round = 1; round <= 4; round += 1) {
      await Promise.all(
        devices.map((one, index) => {
          const location = (index + round) % 2 === 0 ? HERE : ELSEWHERE;
          const after = { version: index % 2 === 0 ? round : Math.max(1, round - 1) };
          const at = index % 3 === 0 ? otherApp : app;
          return one.settle(at, [
            amend(one, own.get(one)!, after, { description: `round ${round}` }),
            amend(one, own.get(one)!, { after: own.get(one)! }, { severity: 5 }),
            amend(one, own.get(one)!, { version: round }, { location }),
          ]);
        }),
      );
    }
    const { rows } = await pool.query(
      `SELECT count(DISTINCT r.incident_id)::int AS incidents, count(*)::int AS reports,
              bool_and(i.status = 'open') AS open, bool_and(i.region = r.region) AS together
       FROM reports r JOIN incidents i ON i.id = r.incident_id`,
    );
    const places = new Set(
      (await pool.query<{ lat: number }>('SELECT lat FROM reports')).rows.map(({ lat }) => lat),
    );
    expect(rows).toEqual([{ incidents: places.size, reports: 8, open: true, together: true }]);
    const { rows: counts } = await pool.query(
      `SELECT i.id FROM incidents i WHERE i.report_count <>
         (SELECT count(*) FROM reports r WHERE r.incident_id = i.id AND r.status = 'active')`,
    );
    expect(counts).toEqual([]);
  } finally {
    await otherPool.end();
  }
});

it('invariant 2: of devices that amend one version at once, one is applied and the others are told', async () => {
  const { pool, app, device, report } = await start();
  const phones = Array.from({ length: 8 }, () => new TestDevice(device.userId));
  // Devices that are new wait for each other.
  for (const phone of phones) await phone.settle(app, [phone.mutation('none', {})]);
  const answers = await Promise.all(
    phones.map((phone, index) =>
      phone.settle(app, [
        amend(phone, report.id, { version: 1 }, { occurredAt: `2026-11-25T11:3${index + 1}:00Z` }),
      ]),
    ),
  );
  const codes = answers.map(({ results }) => results[0]?.code ?? 'applied');
  expect(codes.toSorted()).toEqual(['applied', ...Array.from({ length: 7 }, () => 'version_conflict')]);
  expect(await versions(pool)).toHaveLength(1);
});

it('invariant 9: reports that are amended at once to describe one event become one incident', async () => {
  const { pool, app, devices } = await start(6);
  const types = ['burglary', 'robbery', 'threat', 'alarm', 'rescue', 'injury'] as const;
  const made = await Promise.all(
    devices.map(async (one, index) => {
      const report = one.report({ type: types[index]! });
      await one.settle(app, [report]);
      return { one, report };
    }),
  );
  await Promise.all(
    made.map(({ one, report }) => one.settle(app, [amend(one, report.id, { version: 1 }, { type: 'fire' })])),
  );
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(DISTINCT incident_id)::int AS n FROM reports WHERE type = 'fire'`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});

it('invariant 9: an amend that waited for another one is linked where the report lies by then', async () => {
  const { pool, app, device, report } = await start();
  const phone = new TestDevice(device.userId);
  await phone.settle(app, [phone.mutation('none', {})]);
  const gate = await pool.connect();
  const laterGate = await pool.connect();
  try {
    // The first amend has its locks, and waits for the incident's row.
    await gate.query('BEGIN');
    await gate.query('SELECT id FROM incidents FOR UPDATE');
    const moving = device.settle(app, [amend(device, report.id, { version: 1 }, { location: ELSEWHERE })]);
    await eventually(async () => expect(await waiting(pool)).toBe(1));
    const retyping = phone.settle(app, [amend(phone, report.id, { version: 1 }, { type: 'fire' })]);
    await eventually(async () => expect(await waiting(pool)).toBe(2));
    // Behind the first, and before the second, somebody holds the place that the report is moved to.
    await laterGate.query('BEGIN');
    const keys = reportLocks({ ...ELSEWHERE, precision: 'point' }).map(String);
    const held = laterGate.query('SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', [
      keys,
    ]);
    await eventually(async () => expect(await waiting(pool)).toBe(3));
    await gate.query('COMMIT');
    await Promise.all([moving, held]);
    await eventually(async () => expect(await waiting(pool)).toBe(1));
    await laterGate.query('COMMIT');
    expect((await retyping).results).toMatchObject([{ status: 'applied', result: { version: 3 } }]);
  } finally {
    gate.release(true);
    laterGate.release(true);
  }
});

it('invariant 9: an amend of a report that was stored while its batch waited is linked with what came beside it', async () => {
  const { pool, app, device } = await start();
  const [tablet, phone] = [new TestDevice(device.userId), new TestDevice(device.userId)];
  for (const one of [tablet, phone]) await one.settle(app, [one.mutation('none', {})]);
  const gates = [await pool.connect(), await pool.connect(), await pool.connect()] as const;
  const [incidentGate, placeGate, other] = gates;
  try {
    // The tablet's report waits for the incident's row, and the phone's batch for another place.
    await incidentGate.query('BEGIN');
    await incidentGate.query('SELECT id FROM incidents FOR UPDATE');
    const report = tablet.report();
    const storing = tablet.settle(app, [report]);
    await eventually(async () => expect(await waiting(pool)).toBe(1));
    await placeGate.query('BEGIN');
    await takeAdvisoryLocks(placeGate, reportLocks({ ...ELSEWHERE, precision: 'point' }));
    const batch = [
      phone.report({ location: ELSEWHERE }),
      amend(phone, report.id, { version: 1 }, { type: 'fire' }),
    ];
    let settled = false;
    const amending = phone.settle(app, batch).finally(() => (settled = true));
    await eventually(async () => expect(await waiting(pool)).toBe(2));
    await incidentGate.query('COMMIT');
    await storing;
    // Somebody else sees the fire, and is not done yet.
    await other.query('BEGIN');
    await takeAdvisoryLocks(other, reportLocks({ ...HERE, precision: 'point' }));
    const place = {
      ...HERE,
      precision: 'point',
      region: null,
      municipality: null,
      district: null,
      areaBasis: null,
    } as const;
    const fire = newReport(
      { id: uuidv7(), type: 'fire', minutes: -30, severity: 1, description: '', place, register: null },
      null,
    );
    const { incidentId } = await createReportWriter({ newId: uuidv7 }).record(other, fire);
    await placeGate.query('COMMIT');
    await eventually(async () => settled || (await waitingForPlaces(pool)) === 1);
    await other.query('COMMIT');
    expect((await amending).results).toMatchObject([{ status: 'applied' }, { result: { incidentId } }]);
  } finally {
    for (const gate of gates) gate.release(true);
  }
});

/** How many sessions wait for a lock. */
async function waiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]!.n;
}

/** How many sessions have not been granted an advisory lock; falls at once when one is let go. */
async function waitingForPlaces(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
  );
  return rows[0]!.n;
}
