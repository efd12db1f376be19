import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };
const ELSEWHERE = { lat: 57.7089, lon: 11.9746, accuracyM: 20 };
const north = (metres: number) => ({ ...HERE, lat: HERE.lat + metres / 111_195 });

async function start() {
  const database = await useTestDatabase();
  const { pool } = database;
  const userIds = await addUsers(pool, 4);
  const devices = userIds.map((userId) => new TestDevice(userId)) as [
    TestDevice,
    TestDevice,
    TestDevice,
    TestDevice,
  ];
  await pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [devices[3].userId]);
  const app = createInstance(pool);
  const settle = async (device: TestDevice, ...mutations: Parameters<TestDevice['settle']>[1]) =>
    (await device.settle(app, mutations)).results;
  const report = devices[0].report();
  const [first] = await settle(devices[0], report);
  const incidentId = String(first?.result?.['incidentId']);
  return { database, pool, settle, devices, report, incidentId };
}

const comment = (device: TestDevice, on: object, body = 'It was blue') =>
  device.mutation('comment.create', { ...on, body });
const remove = (device: TestDevice, commentId: string) => device.mutation('comment.delete', { commentId });

async function comments(pool: Pool) {
  const { rows } = await pool.query(
    'SELECT id, incident_id, region, author_id, by_officer, body, deleted_by FROM comments ORDER BY id',
  );
  return rows as object[];
}

it('a comment is made by anybody, about an incident or about an own report of the same queue', async () => {
  const { pool, settle, devices, incidentId } = await start();
  const [, other, , officer] = devices;
  const [made] = await settle(other, comment(other, { incidentId }, '  It was blue '));
  expect(made).toMatchObject({ status: 'applied', result: { incidentId } });
  await settle(officer, comment(officer, { incidentId }));
  const report = other.report({ type: 'fire' });
  const [fire] = await settle(other, report, comment(other, { reportId: report.id }));
  expect(await comments(pool)).toMatchObject([
    {
      id: made?.id,
      incident_id: incidentId,
      region: '01',
      author_id: other.userId,
      body: 'It was blue',
      by_officer: false,
    },
    { author_id: officer.userId, by_officer: true },
    { incident_id: fire?.result?.['incidentId'], author_id: other.userId },
  ]);
});

it('a comment on what is not there is rejected: unknown, of a rejected report, of another person’s report', async () => {
  const { pool, settle, devices, report } = await start();
  const stranger = devices[1];
  const bad = stranger.report({ severity: 9 });
  const results = await settle(
    stranger,
    bad,
    comment(stranger, { reportId: bad.id }),
    comment(stranger, { reportId: report.id }),
    comment(stranger, { reportId: uuidv7() }),
    comment(stranger, { incidentId: uuidv7() }),
    comment(stranger, {}),
    comment(stranger, { incidentId: uuidv7(), reportId: report.id }),
    comment(stranger, { incidentId: uuidv7() }, '   '),
    comment(stranger, { incidentId: uuidv7() }, 'x'.repeat(2001)),
    comment(stranger, { incidentId: uuidv7(), region: '01' }),
  );
  expect(results.slice(1).map(({ code, field }) => [code, field])).toEqual([
    ['depends_on_rejected', 'reportId'],
    ['not_found', 'reportId'],
    ['not_found', 'reportId'],
    ['not_found', 'incidentId'],
    ['invalid_args', 'incidentId'],
    ['invalid_args', 'incidentId'],
    ['invalid_args', 'body'],
    ['invalid_args', 'body'],
    ['invalid_args', undefined],
  ]);
  expect(await comments(pool)).toEqual([]);
});

it('is deleted by its author or an officer, also twice, and by nobody else', async () => {
  const { pool, settle, devices, incidentId } = await start();
  const [author, stranger, , officer] = devices;
  const made = [comment(author, { incidentId }), comment(author, { incidentId })];
  const bad = comment(author, { incidentId }, '');
  await settle(author, ...made, bad);
  const refused = await settle(stranger, remove(stranger, made[0]!.id), remove(stranger, uuidv7()));
  const [one, two] = refused.map(({ code, field, message }) => ({ code, field, message }));
  expect(one).toMatchObject({ code: 'not_found', field: 'commentId' });
  expect(two).toEqual(one);
  await settle(officer, remove(officer, made[0]!.id));
  const results = await settle(author, ...made.map(({ id }) => remove(author, id)), remove(author, bad.id));
  expect(results.map(({ code }) => code)).toEqual([undefined, undefined, 'depends_on_rejected']);
  expect(await comments(pool)).toMatchObject([{ deleted_by: officer.userId }, { deleted_by: author.userId }]);
});

it('goes where its incident goes: into another region, and into the one it merges into', async () => {
  const { pool, settle, devices, report, incidentId } = await start();
  const [author, second, third] = devices;
  await settle(author, comment(author, { incidentId }));
  const amend = (version: number, location: object) =>
    author.mutation('report.amend', { reportId: report.id, version, changes: { location } });
  await settle(author, amend(1, ELSEWHERE));
  expect(await comments(pool)).toMatchObject([{ incident_id: incidentId, region: '14' }]);
  await settle(author, amend(2, HERE));
  const [far] = await settle(second, second.report({ location: north(240) }));
  const younger = String(far?.result?.['incidentId']);
  await settle(second, comment(second, { incidentId: younger }));
  await settle(third, third.report({ location: north(120) }));
  // He was offline when the two became one.
  await settle(second, comment(second, { incidentId: younger }));
  const there = { incident_id: incidentId, region: '01' };
  expect(await comments(pool)).toMatchObject([there, there, there]);
});

it('goes with several incidents that one batch merges, each into the one that its own reports are linked with', async () => {
  const { pool, settle, devices, incidentId } = await start();
  const [author, second, third] = devices;
  const south = (metres: number) => ({ ...ELSEWHERE, lat: ELSEWHERE.lat + metres / 111_195 });
  const places = [north(240), north(480), south(0), south(240)];
  const made = await settle(author, ...places.map((location) => author.report({ location })));
  const ids = [incidentId, ...made.map(({ result }) => String(result?.['incidentId']))];
  expect(new Set(ids).size).toBe(5);
  await settle(second, ...ids.map((each) => comment(second, { incidentId: each })));
  const between = [north(120), north(360), south(120)];
  await settle(third, ...between.map((location) => third.report({ location })));
  const [here, there] = [
    { incident_id: incidentId, region: '01' },
    { incident_id: ids[3], region: '14' },
  ];
  expect(await comments(pool)).toMatchObject([here, here, here, there, there]);
  const { rows } = await pool.query('SELECT id, merged_into, report_count FROM incidents ORDER BY id');
  expect(rows).toEqual([
    { id: ids[0], merged_into: null, report_count: 5 },
    { id: ids[1], merged_into: ids[0], report_count: 0 },
    { id: ids[2], merged_into: ids[0], report_count: 0 },
    { id: ids[3], merged_into: null, report_count: 3 },
    { id: ids[4], merged_into: ids[3], report_count: 0 },
  ]);
});

it('nobody makes more than a hundred on one incident', async () => {
  const { settle, devices, incidentId } = await start();
  const [author, other] = devices;
  await settle(author, ...Array.from({ length: 99 }, () => comment(author, { incidentId })));
  const last = await settle(author, comment(author, { incidentId }), comment(author, { incidentId }));
  expect(last.map(({ code }) => code)).toEqual([undefined, 'too_many_comments']);
  expect(await settle(other, comment(other, { incidentId }))).toMatchObject([{ status: 'applied' }]);
});

it('is in the shape of its region without its author, until it is deleted', async () => {
  const { database, settle, devices, incidentId } = await start();
  const server = await startShapeServer(database);
  try {
    const [author] = devices;
    const made = [comment(author, { incidentId }), comment(author, { incidentId })];
    await settle(author, ...made);
    const reader = new StrictShapeReader(server.url, '/v1/shapes/comments', { region: '01' });
    await reader.catchUp();
    expect([...reader.rows.values()].map((row) => Object.keys(row)).flat()).not.toContain('author_id');
    expect(reader.rows.size).toBe(2);
    await settle(author, remove(author, made[0]!.id));
    while (reader.rows.size === 2) await reader.step(true, AbortSignal.timeout(30_000));
    expect([...reader.rows.values()].map(({ id }) => id)).toEqual([made[1]!.id]);
  } finally {
    await server.stop();
  }
});
