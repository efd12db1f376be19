import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { matchEvents } from '../../server/reports/cross-source/match-events.ts';
import { ruleMatch } from '../../server/reports/cross-source/rule-match.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import type { NewReport } from '../../server/reports/report.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, createInstance, gazetteer, NOW, TestDevice } from './mutations-support.ts';

const writer = createReportWriter({ newId: uuidv7 });
const AT = new Date('2026-11-25T11:30:00Z');
const KIRUNA = { lat: 67.8558, lon: 20.2253, accuracyM: 20 };
const north = (metres: number) => ({ ...KIRUNA, lat: KIRUNA.lat + metres / 111_195 });
const WORDS = 'Lastbil och buss har kolliderat vid järnvägsstationen';
const PERIOD = { from: new Date(NOW.getTime() - 86_400_000), to: NOW };

async function start(people = 3) {
  const { pool } = await useTestDatabase();
  const userIds = await addUsers(pool, people + 1);
  const app = createInstance(pool);
  const devices = userIds.map((userId) => new TestDevice(userId));
  const told = async (n: number, changes: Parameters<TestDevice['report']>[0] = {}) => {
    const device = devices[n]!;
    const report = device.report({ type: 'traffic_accident', location: KIRUNA, ...changes });
    const [settled] = (await device.settle(app, [report])).results;
    return { reportId: report.id, incidentId: String(settled?.result?.['incidentId']) };
  };
  const official = async (changes: Partial<NewReport> = {}, area = 'Kiruna') => {
    const report = officialReport(area, changes);
    const { incidentId } = await inTransaction(pool, (tx) => writer.record(tx, report));
    return { reportId: report.id, incidentId };
  };
  const compare = () => matchEvents(pool, PERIOD, new AbortController().signal);
  return { pool, told, official, compare, officerId: userIds.at(-1)! };
}

function officialReport(area: string, changes: Partial<NewReport>): NewReport {
  const found = gazetteer.municipalityByName(area) ?? gazetteer.countyByName(area)!;
  const isCounty = found.kind === 'county';
  return {
    id: uuidv7(),
    source: 'official',
    reporterId: null,
    deviceId: null,
    type: 'traffic_accident',
    rawType: 'Trafikolycka',
    severity: 3,
    occurredAt: AT,
    claimedAt: null,
    clockSuspect: false,
    register: null,
    knownAt: null,
    description: '',
    place: {
      lat: found.lat,
      lon: found.lon,
      precision: isCounty ? 'county' : 'municipality',
      accuracyM: null,
      region: isCounty ? found.code : found.parentCode,
      municipality: isCounty ? null : found.code,
      district: null,
      areaBasis: 'declared',
    },
    ...changes,
  };
}

async function incident(pool: Pool, id: string) {
  const { rows } = await pool.query(
    'SELECT verification, confidence, official, matched, matched_to, status FROM incidents WHERE id = $1',
    [id],
  );
  return rows[0] as Record<string, unknown>;
}

async function matches(pool: Pool) {
  const { rows } = await pool.query<{ state: string }>(
    'SELECT official_id, incident_id, state, by_officer FROM incident_matches ORDER BY official_id, incident_id',
  );
  return rows;
}

it('an official event of a municipality verifies the one incident that it can be, and points to it', async () => {
  const { pool, told, official, compare } = await start();
  const { incidentId } = await told(0);
  const event = await official();
  expect(await compare()).toEqual({ events: 1, changes: 1 });
  expect(await incident(pool, incidentId)).toMatchObject({
    verification: 'verified',
    official: true,
    matched: true,
    matched_to: null,
  });
  expect((await incident(pool, incidentId))['confidence']).toBeCloseTo(2 / 3);
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: incidentId, matched: false });
  // Nothing new: nothing is written.
  expect(await compare()).toEqual({ events: 1, changes: 0 });
  // What is reported afterwards counts beside it.
  await told(1);
  expect(await incident(pool, incidentId)).toMatchObject({ verification: 'verified', official: true });
  expect((await incident(pool, incidentId))['confidence']).toBeCloseTo(3 / 4);
});

it('the order in which they came makes no difference', async () => {
  const { pool, told, official, compare } = await start();
  const event = await official();
  await compare();
  const { incidentId } = await told(0);
  await compare();
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: incidentId });
});

it('a county’s accident swallows none of the accidents of its day, and an officer may say which it was', async () => {
  const { pool, told, official, compare, officerId } = await start();
  const ids = [];
  for (let n = 0; n < 12; n += 1) {
    const occurredAt = new Date(AT.getTime() - n * 40 * 60_000).toISOString();
    ids.push((await told(n % 3, { location: north(n * 5_000), occurredAt })).incidentId);
  }
  const event = await official({}, 'Norrbottens län');
  await compare();
  const found = await matches(pool);
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ state }) => state === 'candidate')).toBe(true);
  expect(await incident(pool, ids[0]!)).toMatchObject({ verification: 'unverified', official: false });

  const ruling = { officialId: event.incidentId, incidentId: ids[5]!, officerId } as const;
  await inTransaction(pool, (tx) => ruleMatch(tx, { ...ruling, state: 'match' }));
  await compare();
  expect(await matches(pool)).toMatchObject([{ incident_id: ids[5], state: 'match', by_officer: true }]);
  expect(await incident(pool, ids[5]!)).toMatchObject({ verification: 'verified', official: true });

  await inTransaction(pool, (tx) => ruleMatch(tx, { ...ruling, state: 'rejected' }));
  await compare();
  expect(await incident(pool, ids[5]!)).toMatchObject({ verification: 'unverified', official: false });
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: null });
});

it('a withdrawn event lowers what it raised, and its history says so', async () => {
  const { pool, told, official, compare } = await start();
  const { incidentId } = await told(0);
  const event = await official();
  await compare();
  await inTransaction(pool, (tx) => writer.withdraw(tx, event.reportId));
  await compare();
  expect(await incident(pool, incidentId)).toMatchObject({
    verification: 'unverified',
    official: false,
    confidence: 0.5,
  });
  expect(await matches(pool)).toEqual([]);
  const { rows } = await pool.query(
    `SELECT from_state, to_state, actor_id FROM incident_transitions WHERE incident_id = $1 ORDER BY made_at`,
    [incidentId],
  );
  expect(rows).toEqual([
    { from_state: 'unverified', to_state: 'verified', actor_id: null },
    { from_state: 'verified', to_state: 'unverified', actor_id: null },
  ]);
});

it('what an officer ruled outlives a withdrawal, and raises nothing meanwhile', async () => {
  const { pool, told, official, compare, officerId } = await start();
  const { incidentId } = await told(0, { type: 'traffic_obstruction' });
  const other = await told(1, { location: north(900) });
  const event = await official();
  const ruling = { officialId: event.incidentId, officerId } as const;
  await inTransaction(pool, (tx) =>
    ruleMatch(tx, { ...ruling, incidentId: other.incidentId, state: 'rejected' }),
  );
  await inTransaction(pool, (tx) => ruleMatch(tx, { ...ruling, incidentId, state: 'match' }));
  const ruled = await matches(pool);
  expect(ruled.map(({ state }) => state).toSorted()).toEqual(['match', 'rejected']);
  expect(await incident(pool, incidentId)).toMatchObject({ matched: true, verification: 'verified' });

  await inTransaction(pool, (tx) => writer.withdraw(tx, event.reportId));
  await compare();
  expect(await matches(pool)).toEqual(ruled);
  expect(await incident(pool, incidentId)).toMatchObject({ matched: false, verification: 'unverified' });
  await inTransaction(pool, (tx) => writer.revise(tx, event.reportId, officialReport('Kiruna', {})));
  await compare();
  expect(await matches(pool)).toEqual(ruled);
  expect(await incident(pool, incidentId)).toMatchObject({ matched: true, verification: 'verified' });
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: incidentId });
});

it('a match goes with its incident when that merges into another', async () => {
  const { pool, told, official, compare, officerId } = await start();
  const older = await told(0);
  const younger = await told(1, {
    location: north(240),
    occurredAt: new Date(AT.getTime() + 20 * 60_000).toISOString(),
  });
  const event = await official({ occurredAt: new Date(AT.getTime() + 21 * 60_000) });
  const ruling = {
    officialId: event.incidentId,
    incidentId: younger.incidentId,
    officerId,
    state: 'match',
  } as const;
  await inTransaction(pool, (tx) => ruleMatch(tx, ruling));
  await told(2, { location: north(120), occurredAt: new Date(AT.getTime() + 10 * 60_000).toISOString() });
  expect(await incident(pool, younger.incidentId)).toMatchObject({ status: 'merged', matched: false });
  expect(await incident(pool, older.incidentId)).toMatchObject({ verification: 'verified', matched: true });
  await compare();
  expect(await matches(pool)).toMatchObject([{ incident_id: older.incidentId, state: 'match' }]);
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: older.incidentId });
});

it('an officer’s word of one of two incidents stands when they merge, and nothing is hidden by the match that it ends', async () => {
  const { pool, told, official, compare, officerId } = await start();
  const older = await told(0);
  const younger = await told(1, {
    description: WORDS,
    location: north(200),
    occurredAt: new Date(AT.getTime() + 20 * 60_000).toISOString(),
  });
  const event = await official({ occurredAt: new Date(AT.getTime() + 21 * 60_000), description: WORDS });
  const ruling = {
    officialId: event.incidentId,
    incidentId: older.incidentId,
    officerId,
    state: 'rejected',
  } as const;
  await inTransaction(pool, (tx) => ruleMatch(tx, ruling));
  await compare();
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: younger.incidentId });
  await told(2, { location: north(100), occurredAt: new Date(AT.getTime() + 10 * 60_000).toISOString() });
  expect(await incident(pool, younger.incidentId)).toMatchObject({ status: 'merged' });
  await compare();
  expect(await matches(pool)).toMatchObject([
    { incident_id: older.incidentId, state: 'rejected', by_officer: true },
  ]);
  expect(await incident(pool, older.incidentId)).toMatchObject({
    matched: false,
    official: false,
    verification: 'corroborated',
  });
  expect(await incident(pool, event.incidentId)).toMatchObject({ matched_to: null });
});

it('another kind, another area and another time are no match', async () => {
  const { pool, told, official, compare } = await start();
  await told(0, { type: 'theft' });
  await told(1, { occurredAt: new Date(AT.getTime() - 4 * 3_600_000).toISOString() });
  await official();
  await official({}, 'Gällivare');
  await compare();
  expect(await matches(pool)).toEqual([]);
});
