import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { inTransaction } from '../../server/db/transaction.ts';
import { joinIncidents, splitIncident } from '../../server/reports/hand-groups.ts';
import { readWhole } from '../../server/reports/report-store.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const parts = { writer: createReportWriter({ newId: uuidv7 }), newId: uuidv7 };
const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };
const north = (metres: number) => ({ ...HERE, lat: HERE.lat + metres / 111_195 });

async function start() {
  const { pool } = await useTestDatabase();
  const [userId, officerId] = (await addUsers(pool, 2)) as [string, string];
  const app = createInstance(pool);
  const device = new TestDevice(userId);
  const told = async (metres: number) => {
    const report = device.report({ location: north(metres) });
    await device.settle(app, [report]);
    return report.id;
  };
  const incidentOf = async (reportId: string) => {
    const { rows } = await pool.query<{ id: string }>('SELECT incident_id AS id FROM reports WHERE id = $1', [
      reportId,
    ]);
    return rows[0]!.id;
  };
  const work = () => ({ id: uuidv7(), officer: { userId: officerId }, note: 'seen by the patrol' });
  const join = (...ids: string[]) => inTransaction(pool, (tx) => joinIncidents(tx, parts, ids, work()));
  const split = (id: string, ...reports: string[]) =>
    inTransaction(pool, (tx) => splitIncident(tx, parts, id, reports, work()));
  return { pool, told, incidentOf, join, split, officerId };
}

it('what an officer joins stays joined, whatever comes, is amended or withdrawn', async () => {
  const { pool, told, incidentOf, join, officerId } = await start();
  const [a, b] = [await told(0), await told(4_000)];
  const [first, second] = [await incidentOf(a), await incidentOf(b)];
  expect(await join(second, first)).toBe(first);
  expect([await incidentOf(a), await incidentOf(b)]).toEqual([first, first]);
  const near = await told(4_010);
  expect(await incidentOf(near)).toBe(first);
  await inTransaction(pool, (tx) => parts.writer.withdraw(tx, near));
  expect([await incidentOf(a), await incidentOf(b)]).toEqual([first, first]);
  const { rows } = await pool.query('SELECT status, merged_into FROM incidents WHERE id = $1', [second]);
  expect(rows).toEqual([{ status: 'merged', merged_into: first }]);
  const history = await pool.query(
    'SELECT incident_id, actor_id, to_state, note FROM incident_transitions WHERE actor_id IS NOT NULL',
  );
  const said = { actor_id: officerId, to_state: 'joined', note: 'seen by the patrol' };
  expect(history.rows).toEqual(
    expect.arrayContaining([
      { ...said, incident_id: first },
      { ...said, incident_id: second },
    ]),
  );
});

it('what was withdrawn before officers joined its incident comes back to where the others went', async () => {
  const { pool, told, incidentOf, join, split } = await start();
  const [a, b, gone, far] = [await told(0), await told(5), await told(7), await told(4_000)];
  const first = await incidentOf(a);
  const { kept } = await split(first, b);
  const alike = await incidentOf(gone);
  expect(alike).toBe(kept);
  await inTransaction(pool, (tx) => parts.writer.withdraw(tx, gone));
  const joined = await join(await incidentOf(b), await incidentOf(far), kept);
  const incident = async () => [await incidentOf(gone), await incidentOf(a), await incidentOf(far)];
  expect(await incident()).toEqual([joined, joined, joined]);
  await inTransaction(pool, async (tx) => {
    const said = await readWhole(tx, gone);
    await parts.writer.revise(tx, gone, said!);
  });
  expect(await incident()).toEqual([joined, joined, joined]);
});

it('what an officer parts stays parted, and a later report goes where it belongs', async () => {
  const { told, incidentOf, split } = await start();
  const [a, b, c] = [await told(0), await told(5), await told(60)];
  const before = await incidentOf(a);
  expect([await incidentOf(b), await incidentOf(c)]).toEqual([before, before]);
  const { kept, parted } = await split(before, c);
  expect(kept).toBe(before);
  expect([await incidentOf(a), await incidentOf(b), await incidentOf(c)]).toEqual([kept, kept, parted]);
  const [nearA, nearC] = [await told(1), await told(61)];
  expect([await incidentOf(nearA), await incidentOf(nearC)]).toEqual([kept, parted]);
  expect([await incidentOf(a), await incidentOf(b), await incidentOf(c)]).toEqual([kept, kept, parted]);
});

it('what was parted may be joined again, and the other way round', async () => {
  const { told, incidentOf, join, split } = await start();
  const [a, b] = [await told(0), await told(5)];
  const id = await incidentOf(a);
  const { kept, parted } = await split(id, b);
  await join(kept, parted);
  expect(await incidentOf(a)).toBe(await incidentOf(b));
  await split(await incidentOf(a), a);
  expect(await incidentOf(a)).not.toBe(await incidentOf(b));
});

it('incidents are locked in one order, wherever the ids that are named lead', async () => {
  const { pool, told, incidentOf, join } = await start();
  const ids = [];
  for (const metres of [0, 4_000, 8_000, 12_000]) ids.push(await incidentOf(await told(metres)));
  const [first, second, third, fourth] = ids as [string, string, string, string];
  // The third leads to the second, and the fourth to the first.
  await join(second, third);
  await join(first, fourth);
  const [holder, other] = [await pool.connect(), await pool.connect()];
  try {
    const lock = 'SELECT FROM incidents WHERE id = $1 FOR NO KEY UPDATE';
    await holder.query('BEGIN');
    await holder.query(lock, [first]);
    const joining = join(third, fourth);
    await eventually(async () => {
      const { rows } = await other.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.n === 1;
    });
    await expect(other.query(`${lock} NOWAIT`, [second])).resolves.toMatchObject({ rowCount: 1 });
    await holder.query('ROLLBACK');
    expect(await joining).toBe(first);
  } finally {
    holder.release(true);
    other.release(true);
  }
});

it('no incident is parted from all of its reports, or from those of another', async () => {
  const { told, incidentOf, split } = await start();
  const [a, far] = [await told(0), await told(9_000)];
  await expect(split(await incidentOf(a), a)).rejects.toMatchObject({
    code: 'nothing_left',
    field: 'reportIds',
  });
  await expect(split(await incidentOf(a), far)).rejects.toMatchObject({ code: 'not_found', status: 404 });
});
