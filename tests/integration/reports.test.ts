import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { builtInAreas } from '../../server/areas/area-set.ts';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import type { NewReport } from '../../server/reports/report.ts';
import { useTestDatabase } from '../support/database.ts';
import {
  addUsers,
  countRows,
  createInstance,
  gazetteer,
  reportArgs,
  TestDevice,
} from './mutations-support.ts';

const writer = createReportWriter({ newId: uuidv7 });

async function start(users = 1) {
  const { pool } = await useTestDatabase();
  const userIds = await addUsers(pool, users);
  return { pool, app: createInstance(pool), devices: userIds.map((userId) => new TestDevice(userId)) };
}

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };
/** A point so many metres north of HERE. */
const north = (metres: number) => ({ ...HERE, lat: HERE.lat + metres / 111_195 });

describe('reports of one event', () => {
  it('become one incident when fifty people send the first ones at once', async () => {
    const { pool, app, devices } = await start(50);
    const answers = await Promise.all(devices.map((device) => device.settle(app, [device.report()])));
    expect(new Set(answers.map(({ results }) => results[0]?.result?.['incidentId'])).size).toBe(1);
    expect(await countRows(pool)).toEqual({ reports: 50, incidents: 1, ledger: 50 });
    const [incident] = await incidents(pool);
    expect(incident).toMatchObject({ report_count: 50, reporter_count: 50, verification: 'corroborated' });
    expect(incident?.confidence).toBeCloseTo(1 - 1 / 51);
  });

  it('stay unverified when they come from two devices of one person', async () => {
    const { pool, app, devices } = await start();
    const second = new TestDevice(devices[0]!.userId);
    await devices[0]!.settle(app, [devices[0]!.report()]);
    await second.settle(app, [second.report({ severity: 4 })]);
    expect(await incidents(pool)).toMatchObject([
      { report_count: 2, reporter_count: 1, verification: 'unverified', confidence: 0.5, severity: 4 },
    ]);
  });

  it('show only the cell they lie in, with the region of the nearest municipality', async () => {
    const { pool, app, devices } = await start();
    await devices[0]!.settle(app, [devices[0]!.report()]);
    const [incident] = await incidents(pool);
    expect([incident?.region, incident?.location_precision]).toEqual(['01', 'point']);
    expect(incident?.lat).not.toBe(HERE.lat);
    expect(Math.abs(incident!.lat - HERE.lat)).toBeLessThan(0.003);
  });

  it('are kept without a region where no municipality is near', async () => {
    const { pool, app, devices } = await start();
    const location = { lat: 40.7, lon: -74, accuracyM: 10 };
    await devices[0]!.settle(app, [devices[0]!.report({ location })]);
    expect(await incidents(pool)).toMatchObject([{ region: null, municipality: null }]);
  });
});

describe('reports in a district', () => {
  const code = '0180-norrmalm';
  /** 400 m around HERE, in no outline of a municipality. */
  const outline = [[Float64Array.of(18.06, 59.33, 18.07, 59.33, 18.07, 59.335, 18.06, 59.335, 18.06, 59.33)]];
  const builtIn = builtInAreas();
  const areas = createGazetteer({
    areas: [
      ...builtIn.areas,
      { code, kind: 'district', name: 'Norrmalm', parentCode: '0180', lat: 59.3325, lon: 18.065 },
    ],
    outlines: new Map([[code, outline]]),
  });

  it('say so, their incident too, until they are moved out of it', async () => {
    const { pool } = await useTestDatabase();
    const [userId] = await addUsers(pool, 1);
    await seedAreas(pool, areas);
    const [app, device] = [createInstance(pool, [], areas), new TestDevice(userId!)];
    const report = device.report();
    await device.settle(app, [report]);
    const inside = { region: '01', municipality: '0180', district: code };
    expect(await placed(pool)).toEqual([{ ...inside, area_basis: 'polygon', incident: inside }]);

    const changes = { location: north(700) };
    await device.settle(app, [device.mutation('report.amend', { reportId: report.id, version: 1, changes })]);
    const outside = { region: '01', municipality: expect.any(String) as string, district: null };
    expect(await placed(pool)).toEqual([{ ...outside, area_basis: 'nearest_centre', incident: outside }]);
  });

  async function placed(pool: Pool): Promise<unknown[]> {
    const { rows } = await pool.query<Record<string, unknown>>(
      `SELECT r.region, r.municipality, r.district, r.area_basis,
              jsonb_build_object('region', i.region, 'municipality', i.municipality, 'district', i.district) AS incident
       FROM reports r JOIN incidents i ON i.id = r.incident_id`,
    );
    return rows;
  }
});

describe('reports of different events', () => {
  it.each([
    ['of another type at the same spot', { type: 'fire' as const }],
    ['of another time', { occurredAt: '2026-11-25T09:29:00Z' }],
    ['of a place beyond both reaches', { location: north(195) }],
  ])('stay apart: %s', async (_title, changes) => {
    const { app, devices, pool } = await start();
    await devices[0]!.settle(app, [devices[0]!.report(), devices[0]!.report(changes)]);
    expect(await countRows(pool)).toMatchObject({ reports: 2, incidents: 2 });
  });

  it('merge into the older incident when a late report links them', async () => {
    const { pool, app, devices } = await start(3);
    const [a, b, c] = devices as [TestDevice, TestDevice, TestDevice];
    const older = (await a.settle(app, [a.report()])).results[0]?.result?.['incidentId'];
    const younger = (await b.settle(app, [b.report({ location: north(240) })])).results[0]?.result?.[
      'incidentId'
    ];
    expect(younger).not.toBe(older);
    const late = await c.settle(app, [c.report({ location: north(120) })]);
    expect(late.results[0]?.result?.['incidentId']).toBe(older);
    expect(await incidents(pool)).toMatchObject([
      { id: older, status: 'open', report_count: 3, merged_into: null },
      { id: younger, status: 'merged', report_count: 0, merged_into: older },
    ]);
    const { rows } = await pool.query('SELECT DISTINCT incident_id FROM reports');
    expect(rows).toEqual([{ incident_id: older }]);
  });
});

describe('the writer', () => {
  const official = (changes: Partial<NewReport> = {}): NewReport => {
    const area = gazetteer.municipalityByName('Stockholm')!;
    return {
      id: uuidv7(),
      source: 'official',
      reporterId: null,
      deviceId: null,
      type: 'theft',
      rawType: 'Stöld',
      severity: 2,
      occurredAt: new Date('2026-11-25T11:30:00Z'),
      claimedAt: null,
      clockSuspect: false,
      description: 'Stöld, Stockholm',
      register: null,
      knownAt: null,
      place: {
        lat: area.lat,
        lon: area.lon,
        precision: 'municipality',
        accuracyM: null,
        region: '01',
        municipality: area.code,
        district: null,
        areaBasis: 'declared',
      },
      ...changes,
    };
  };

  it('shows an official report at the centre of its area, verified, and links it with no point', async () => {
    const { pool, app, devices } = await start();
    const report = official();
    await inTransaction(pool, (tx) => writer.record(tx, report));
    const { lat, lon } = report.place;
    await devices[0]!.settle(app, [devices[0]!.report({ location: { lat, lon, accuracyM: 5 } })]);
    expect(await incidents(pool)).toMatchObject([
      { lat, lon, official: true, verification: 'verified', confidence: 0.5, reporter_count: 0 },
      { official: false, verification: 'unverified' },
    ]);
  });

  it('links an official event with its repost and with no other of the same hour', async () => {
    const { pool } = await start();
    const later = official({ occurredAt: new Date('2026-11-25T11:31:00Z') });
    for (const report of [official(), official(), later])
      await inTransaction(pool, (tx) => writer.record(tx, report));
    expect((await incidents(pool)).map(({ report_count }) => report_count).toSorted()).toEqual([1, 2]);
  });

  it('closes an incident whose last report is withdrawn, and opens it again with the report', async () => {
    const { pool } = await start();
    const report = official();
    const { incidentId } = await inTransaction(pool, (tx) => writer.record(tx, report));
    await inTransaction(pool, (tx) => writer.withdraw(tx, report.id));
    expect(await incidents(pool)).toMatchObject([
      { id: incidentId, status: 'closed', verification: 'dismissed', report_count: 0, official: false },
    ]);
    await inTransaction(pool, (tx) => writer.withdraw(tx, report.id));
    const revised = official({ type: 'robbery', severity: 4 });
    expect(await inTransaction(pool, (tx) => writer.revise(tx, report.id, revised))).toEqual({ incidentId });
    expect(await incidents(pool)).toMatchObject([
      { id: incidentId, status: 'open', type: 'robbery', severity: 4, verification: 'verified' },
    ]);
  });

  it('splits an incident when the report between its ends is withdrawn', async () => {
    const { pool, app, devices } = await start();
    const [device] = devices as [TestDevice];
    const batch = [0, 120, 240].map((metres) => device.report({ location: north(metres) }));
    await device.settle(app, batch);
    expect(await incidents(pool)).toHaveLength(1);
    await inTransaction(pool, (tx) => writer.withdraw(tx, batch[1]!.id));
    expect(await incidents(pool)).toMatchObject([
      { status: 'open', report_count: 1 },
      { status: 'open', report_count: 1 },
    ]);
  });

  it('writes no row when nothing changes', async () => {
    const { pool } = await start();
    const report = official();
    await inTransaction(pool, (tx) => writer.record(tx, report));
    const versions = async () => {
      const { rows } = await pool.query<Record<string, string>>(
        'SELECT r.xmin AS report, i.xmin AS incident FROM reports r, incidents i',
      );
      return rows;
    };
    const before = await versions();
    await inTransaction(pool, (tx) => writer.revise(tx, report.id, report));
    expect(await versions()).toEqual(before);
  });

  it('refuses to change a report that does not exist', async () => {
    const { pool } = await start();
    const missing = inTransaction(pool, (tx) => writer.withdraw(tx, uuidv7()));
    await expect(missing).rejects.toMatchObject({ code: 'report_not_found', status: 404 });
  });
});

it('rejects a report under an id that another report has, and goes on', async () => {
  const { pool, app, devices } = await start();
  const [device] = devices as [TestDevice];
  const taken = { ...device.report() };
  await inTransaction(pool, (tx) =>
    writer.record(tx, {
      id: taken.id,
      source: 'official',
      reporterId: null,
      deviceId: null,
      type: 'fire',
      rawType: null,
      severity: 1,
      occurredAt: new Date(reportArgs().occurredAt),
      claimedAt: null,
      clockSuspect: false,
      description: '',
      register: null,
      knownAt: null,
      place: {
        ...HERE,
        precision: 'point',
        region: null,
        municipality: null,
        district: null,
        areaBasis: null,
      },
    }),
  );
  const { results } = await device.settle(app, [taken, device.report()]);
  expect(results.map(({ code }) => code)).toEqual(['report_id_taken', undefined]);
});

interface IncidentRow {
  id: string;
  confidence: number;
  lat: number;
  region: string | null;
  location_precision: string;
  report_count: number;
}

async function incidents(pool: Pool): Promise<IncidentRow[]> {
  const { rows } = await pool.query<IncidentRow>(
    `SELECT id, type, severity, status, verification, confidence, lat, lon, location_precision, region,
            municipality, report_count, reporter_count, official, merged_into FROM incidents ORDER BY id`,
  );
  return rows;
}
