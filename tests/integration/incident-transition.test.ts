import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import type { IncidentState } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };
const north = (metres: number) => ({ ...HERE, lat: HERE.lat + metres / 111_195 });

async function start(reporters = 1) {
  const { pool } = await useTestDatabase();
  const userIds = await addUsers(pool, reporters + 2);
  await pool.query(`UPDATE users SET role = 'officer' WHERE id = ANY ($1)`, [userIds.slice(-2)]);
  const devices = userIds.map((userId) => new TestDevice(userId));
  const app = createInstance(pool);
  const settle = async (device: TestDevice, ...mutations: Parameters<TestDevice['settle']>[1]) =>
    (await device.settle(app, mutations)).results;
  const report = devices[0]!.report();
  const [first] = await settle(devices[0]!, report);
  const incidentId = String(first?.result?.['incidentId']);
  const decide = (device: TestDevice, from: IncidentState, to: IncidentState, id = incidentId) =>
    settle(device, device.mutation('incident.transition', { incidentId: id, from, to, note: 'seen it' }));
  const [officer, other] = devices.slice(-2) as [TestDevice, TestDevice];
  return { pool, settle, decide, devices, report, incidentId, officer, other };
}

async function incidents(pool: Pool) {
  const { rows } = await pool.query(
    'SELECT id, status, verification, report_count FROM incidents ORDER BY id',
  );
  return rows as { id: string }[];
}

/** What officers have decided. */
async function history(pool: Pool) {
  const { rows } = await pool.query(
    `SELECT incident_id, region, actor_id, from_state, to_state, note FROM incident_transitions
     WHERE actor_id IS NOT NULL ORDER BY id`,
  );
  return rows as object[];
}

it('an officer verifies, disputes and dismisses; each step is kept with who made it', async () => {
  const { pool, decide, officer, incidentId } = await start();
  const steps = ['unverified', 'verified', 'disputed', 'dismissed'] as const;
  for (const [index, to] of steps.slice(1).entries()) {
    expect(await decide(officer, steps[index]!, to)).toMatchObject([
      { result: { incidentId, changed: true } },
    ]);
    const status = to === 'dismissed' ? 'closed' : 'open';
    expect(await incidents(pool)).toMatchObject([{ verification: to, status }]);
  }
  const common = { incident_id: incidentId, region: '01', actor_id: officer.userId, note: 'seen it' };
  expect(await history(pool)).toEqual(
    steps.slice(1).map((to, index) => ({ ...common, from_state: steps[index], to_state: to })),
  );
});

it('what is decided stands, whatever is reported, amended or withdrawn afterwards', async () => {
  const { pool, settle, decide, devices, report, officer } = await start(2);
  await decide(officer, 'unverified', 'disputed');
  await decide(officer, 'open', 'closed');
  await settle(devices[1]!, devices[1]!.report({ severity: 5 }));
  expect(await incidents(pool)).toMatchObject([
    { status: 'closed', verification: 'disputed', report_count: 2 },
  ]);
  await settle(devices[0]!, devices[0]!.mutation('report.withdraw', { reportId: report.id }));
  expect(await incidents(pool)).toMatchObject([
    { status: 'closed', verification: 'disputed', report_count: 1 },
  ]);
  await decide(officer, 'closed', 'open');
  expect(await incidents(pool)).toMatchObject([{ status: 'open', verification: 'disputed' }]);
});

it('what the reports changed since is no conflict, what another officer decided is', async () => {
  const { pool, settle, decide, devices, officer, other } = await start(2);
  await settle(devices[1]!, devices[1]!.report());
  expect(await incidents(pool)).toMatchObject([{ verification: 'corroborated' }]);
  expect(await decide(officer, 'unverified', 'disputed')).toMatchObject([{ status: 'applied' }]);
  expect(await decide(other, 'corroborated', 'verified')).toMatchObject([
    { code: 'transition_conflict', field: 'from' },
  ]);
  expect(await decide(other, 'corroborated', 'disputed')).toMatchObject([{ result: { changed: false } }]);
  expect(await decide(other, 'open', 'closed')).toMatchObject([{ result: { changed: true } }]);
  expect(await decide(officer, 'open', 'closed')).toMatchObject([{ result: { changed: false } }]);
  expect(await history(pool)).toHaveLength(2);
});

it('is for officers, by the role that they have now, and for incidents that there are', async () => {
  const { pool, settle, decide, devices, officer, report } = await start();
  expect(await decide(devices[0]!, 'unverified', 'verified')).toMatchObject([{ code: 'forbidden' }]);
  expect(await decide(officer, 'unverified', 'verified', uuidv7())).toMatchObject([
    { code: 'not_found', field: 'incidentId' },
  ]);
  await settle(devices[0]!, devices[0]!.mutation('report.withdraw', { reportId: report.id }));
  expect(await decide(officer, 'dismissed', 'disputed')).toMatchObject([{ code: 'illegal_transition' }]);
  await pool.query(`UPDATE users SET role = 'reporter' WHERE id = $1`, [officer.userId]);
  expect(await decide(officer, 'unverified', 'verified')).toMatchObject([{ code: 'forbidden' }]);
  expect(await history(pool)).toEqual([]);
});

it('refuses steps that the table does not have, with the field named', async () => {
  const { settle, decide, officer, incidentId } = await start();
  const args = { incidentId, from: 'unverified', to: 'verified' };
  const cases: [object, string | undefined][] = [
    [{ ...args, to: 'merged' }, 'to'],
    [{ ...args, from: 'verified', to: 'dismissed' }, 'to'],
    [{ ...args, from: 'open' }, 'to'],
    [{ ...args, note: 'x'.repeat(1001) }, 'note'],
    [{ ...args, by: 'me' }, undefined],
  ];
  const results = await settle(
    officer,
    ...cases.map(([wrong]) => officer.mutation('incident.transition', wrong)),
  );
  expect(results.map(({ code, field }) => [code, field])).toEqual(
    cases.map(([, field]) => ['invalid_args', field]),
  );
  await decide(officer, 'unverified', 'dismissed');
  expect(await decide(officer, 'closed', 'open')).toMatchObject([
    { code: 'illegal_transition', field: 'to' },
  ]);
});

it('goes with incidents that merge: the newest verdict holds, and the old id still names the incident', async () => {
  const { pool, settle, decide, devices, officer, incidentId } = await start(3);
  const [far] = await settle(devices[1]!, devices[1]!.report({ location: north(240) }));
  const younger = String(far?.result?.['incidentId']);
  await decide(officer, 'unverified', 'disputed');
  await decide(officer, 'unverified', 'verified', younger);
  await decide(officer, 'open', 'closed', younger);
  await settle(devices[2]!, devices[2]!.report({ location: north(120) }));
  expect(await incidents(pool)).toMatchObject([
    { id: incidentId, status: 'closed', verification: 'verified', report_count: 3 },
    { id: younger, status: 'merged' },
  ]);
  expect(await decide(officer, 'closed', 'open', younger)).toMatchObject([{ result: { incidentId } }]);
  expect(await incidents(pool)).toMatchObject([{ id: incidentId, status: 'open' }, { status: 'merged' }]);
});

it('who amends a dismissed report into another incident takes the verdict nowhere', async () => {
  const { pool, settle, decide, devices, report, incidentId, officer } = await start(2);
  const [, neighbour] = devices as [TestDevice, TestDevice];
  const genuine = neighbour.report({ location: north(5_000) });
  const [told] = await settle(neighbour, genuine);
  await decide(officer, 'unverified', 'dismissed');
  const amend = { reportId: report.id, version: 1, changes: { location: north(5_010) } };
  await settle(devices[0]!, devices[0]!.mutation('report.amend', amend));
  const { rows } = await pool.query('SELECT id, status, verification FROM incidents ORDER BY status');
  expect(rows).toMatchObject([
    { id: told?.result?.['incidentId'], status: 'open', verification: 'corroborated' },
    { id: incidentId, status: 'merged' },
  ]);
});
