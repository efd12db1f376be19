import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { erasePerson } from '../../server/privacy/erase-person.ts';
import { createReportAnonymiser } from '../../server/reports/anonymise.ts';
import { publicPoint } from '../../server/reports/public-point.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const HERE = { ...publicPoint({ lat: 59.3326, lon: 18.0649 }), accuracyM: 20 };
const north = (metres: number) => ({ ...HERE, lat: HERE.lat + metres / 111_195 });
const NOON_MS = Date.UTC(2026, 10, 25, 10);

/** People who report thefts so many metres north of a cell's centre, so many minutes after a time; and what becomes of it. */
async function start() {
  const { pool } = await useTestDatabase();
  const [leaver, ...others] = (await addUsers(pool, 4)).map((userId) => new TestDevice(userId));
  const app = createInstance(pool);
  const told = async (device: TestDevice, metres: number, minutes: number) => {
    const occurredAt = new Date(NOON_MS + minutes * 60_000).toISOString();
    const report = device.report({ location: north(metres), occurredAt, description: '' });
    expect(await device.settle(app, [report])).toMatchObject({ results: [{ status: 'applied' }] });
    return report.id;
  };
  const change = async (device: TestDevice, type: string, args: unknown) =>
    expect(await device.settle(app, [device.mutation(type, args)])).toMatchObject({
      results: [{ status: 'applied' }],
    });
  const incidentsOf = async (...ids: string[]) => {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT incident_id AS id FROM reports WHERE id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], id)',
      [ids],
    );
    return rows.map(({ id }) => id);
  };
  const erase = async (device: TestDevice) => {
    const parts = { pool, reports: createReportAnonymiser(), newId: uuidv7 };
    expect(await erasePerson(parts, device.userId, new AbortController().signal)).toBe(true);
  };
  return { pool, leaver: leaver!, others, told, change, incidentsOf, erase };
}

it('what somebody said who is forgotten stays in its incident, and holds together what it held together', async () => {
  const { pool, leaver, others, told, change, incidentsOf, erase } = await start();
  const [ann, bo, cy] = others as [TestDevice, TestDevice, TestDevice];
  // The first and the last are too far apart in time to be one event without what lies between.
  const first = await told(ann, 0, 0);
  const between = await told(leaver, 40, 35);
  const last = await told(bo, 0, 70);
  const [incident] = await incidentsOf(first);
  const together = [incident, incident, incident];
  expect(await incidentsOf(first, between, last)).toEqual(together);
  const updated = await pool.query<{ updated_at: Date }>('SELECT updated_at FROM reports WHERE id = $1', [
    first,
  ]);

  await erase(leaver);
  expect(await incidentsOf(first, between, last)).toEqual(together);
  const { rows } = await pool.query(
    'SELECT report_count, reporter_count, status FROM incidents WHERE id = $1',
    [incident],
  );
  expect(rows).toEqual([{ report_count: 3, reporter_count: 3, status: 'open' }]);
  const after = await pool.query<{ updated_at: Date }>('SELECT updated_at FROM reports WHERE id = $1', [
    first,
  ]);
  expect(after.rows).toEqual(updated.rows);

  // Whatever groups the place anew leaves them together.
  const late = await told(cy, 10, 5);
  expect(await incidentsOf(first, between, last, late)).toEqual([...together, incident]);
  await change(cy, 'report.withdraw', { reportId: late });
  expect(await incidentsOf(first, between, last)).toEqual(together);
  await change(ann, 'report.amend', {
    reportId: first,
    version: 1,
    changes: { severity: 5, location: north(15) },
  });
  expect(await incidentsOf(first, between, last)).toEqual(together);
  // He corrects it into another event, and goes alone.
  await change(bo, 'report.amend', { reportId: last, version: 1, changes: { location: north(5_000) } });
  expect(await incidentsOf(first, between)).toEqual([incident, incident]);
  expect(await incidentsOf(last)).not.toEqual([incident]);
});

it('what is shown at the centre of its cell links with nothing that lay apart from it', async () => {
  const { leaver, others, told, change, incidentsOf, erase } = await start();
  const [ann, bo, cy] = others as [TestDevice, TestDevice, TestDevice];
  const [alone, mine, moved] = [
    await told(ann, 240, 0),
    await told(leaver, -100, 0),
    await told(cy, -100, 0),
  ];
  const apart = await incidentsOf(alone, mine);
  expect(new Set(apart).size).toBe(2);
  expect(await incidentsOf(moved)).toEqual([apart[1]]);
  await erase(leaver);
  // Both incidents are looked at, and a third report comes beside.
  await change(cy, 'report.amend', { reportId: moved, version: 1, changes: { location: north(235) } });
  expect(await incidentsOf(alone, moved, mine)).toEqual([apart[0], apart[0], apart[1]]);
  await told(bo, 238, 3);
  expect(await incidentsOf(alone, moved, mine)).toEqual([apart[0], apart[0], apart[1]]);
});
