import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommentAnswer, CommentVotes } from '@halo/shapes/protocol/comments.ts';
import type { IncidentDetail, IncidentReport, IncidentStep } from '@halo/shapes/protocol/incidents.ts';
import type { MyReport } from '@halo/shapes/protocol/reports.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { countRows, reportArgs } from './mutations-support.ts';
import { startRest } from './rest-support.ts';
import type { People, RestApp } from './rest-support.ts';

interface Problem {
  readonly code: string;
  readonly field?: string;
}

let database: TestDatabase;
let rest: RestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
});
afterAll(() => database.drop());

let places = 0;
/** A place of its own, kilometres from every other one. */
const somewhere = () => {
  places += 1;
  return { lat: 59.3326 + places * 0.05, lon: 18.0649, accuracyM: 10 };
};

describe('POST /api/v1/reports', () => {
  const post = (
    who: keyof People,
    key: string | undefined,
    body: unknown = reportArgs({ location: somewhere() }),
  ) =>
    rest.ask<Problem & { reportId: string }>(who, 'POST', '/api/v1/reports', {
      body,
      ...(key === undefined ? {} : { key }),
    });

  it('invariant 2 (O10): has one effect and one answer, however often the same request comes', async () => {
    const before = await countRows(database.pool);
    const [key, body] = ['bike', reportArgs({ location: somewhere() })];
    const first = await post('ada', key, body);
    const again = await post('ada', key, body);
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    const submitted = await rest.ask('ada', 'POST', '/api/v1/reports/submit', { key, body });
    expect([submitted.status, submitted.body]).toEqual([201, first.body]);
    expect(await countRows(database.pool)).toEqual({
      reports: before.reports + 1,
      incidents: before.incidents + 1,
      ledger: before.ledger + 1,
    });
    // A key is its owner's.
    expect((await post('bo', key, body)).body.reportId).not.toBe(first.body.reportId);
  });

  it('of many at once settles one, and tells the others to come again', async () => {
    const before = await countRows(database.pool);
    const [key, body] = ['many', reportArgs({ location: somewhere() })];
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('ada', key, body)));
    const created = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(created.map(({ body: { reportId } }) => reportId)).size).toBe(1);
    for (const { status, body: problem, headers } of refused)
      expect([status, problem.code, headers.get('retry-after')]).toEqual([409, 'request_in_progress', '1']);
    expect(await countRows(database.pool)).toMatchObject({
      reports: before.reports + 1,
      ledger: before.ledger + 1,
    });
  });

  it('answers 409 while a request with the key is being settled', async () => {
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    // Whoever settles holds the account's device.
    await holder.query('SELECT FROM devices WHERE user_id = $1 AND for_requests FOR UPDATE', [
      rest.people.ada,
    ]);
    const body = reportArgs({ location: somewhere() });
    const both = [post('ada', 'slow', body), post('ada', 'slow', body)];
    const early = await Promise.race(both);
    await holder.query('ROLLBACK');
    holder.release();
    expect([early.status, early.body.code]).toEqual([409, 'request_in_progress']);
    expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });

  it('refuses other contents under the same key, whatever route they come by', async () => {
    await post('ada', 'once', reportArgs({ location: somewhere() }));
    const other = await post('ada', 'once', reportArgs({ severity: 5, location: somewhere() }));
    expect([other.status, other.body.code, other.body.field]).toEqual([
      422,
      'idempotency_key_reused',
      'Idempotency-Key',
    ]);
  });

  it('keeps a rejection, and gives it again', async () => {
    const body = reportArgs({ occurredAt: '2026-11-26T11:30:00Z', location: somewhere() });
    const [first, again] = [await post('ada', 'ahead', body), await post('ada', 'ahead', body)];
    expect([first.status, first.body.code, first.body.field]).toEqual([
      422,
      'occurred_at_in_future',
      'occurredAt',
    ]);
    expect([again.status, again.body]).toEqual([422, { ...first.body, replayed: true }]);
    const { rows } = await database.pool.query(
      `SELECT code FROM ledger WHERE user_id = $1 AND status = 'rejected'`,
      [rest.people.ada],
    );
    expect(rows).toEqual([{ code: 'occurred_at_in_future' }]);
  });

  it.each([
    [undefined, {}, 'Idempotency-Key'],
    ['blank in it', {}, 'Idempotency-Key'],
    ['k'.repeat(201), {}, 'Idempotency-Key'],
    ['k1', { severity: 6 }, 'severity'],
    ['k2', { device_id: 'x' }, 'json'],
  ])('refuses key %j with %j, naming %s, and keeps nothing', async (key, changes, field) => {
    const before = await countRows(database.pool);
    const answer = await post('ada', key, { ...reportArgs(), ...changes });
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_request', field }),
    ]);
    expect(await countRows(database.pool)).toEqual(before);
  });
});

describe('my reports', () => {
  it('are mine alone, are changed by the version that I saw, and taken back', async () => {
    const { reportId } = await rest.report('bo', { location: somewhere() });
    const path = `/api/v1/reports/${reportId}`;
    const mine = async () => {
      const { reports } = await rest.get<{ reports: MyReport[] }>('/api/v1/reports/mine', 'bo');
      return reports.find(({ id }) => id === reportId);
    };
    expect(await mine()).toMatchObject({ version: 1, severity: 2, status: 'active' });
    const patch = { body: { version: 1, changes: { severity: 4 } } };
    expect((await rest.ask<Problem>('ada', 'PATCH', path, patch)).body.code).toBe('not_found');
    expect((await rest.ask('bo', 'PATCH', path, patch)).body).toMatchObject({ reportId, version: 2 });
    const late = { body: { version: 1, changes: { severity: 5 } } };
    const conflict = await rest.ask('bo', 'PATCH', path, late);
    expect([conflict.status, conflict.body]).toEqual([
      409,
      expect.objectContaining({ code: 'version_conflict', field: 'changes.severity' }),
    ]);
    const lateWhole = { body: { version: 1, ...reportArgs({ severity: 5, location: somewhere() }) } };
    expect((await rest.ask('bo', 'PUT', path, lateWhole)).body).toMatchObject({
      code: 'version_conflict',
      field: 'severity',
    });
    const whole = { body: { version: 2, ...reportArgs({ type: 'fire', location: somewhere() }) } };
    expect((await rest.ask('bo', 'PUT', path, whole)).body).toMatchObject({ version: 3 });
    expect(await mine()).toMatchObject({ type: 'fire', severity: 2, version: 3 });
    expect((await rest.ask('bo', 'DELETE', path)).body).toMatchObject({ reportId, incidentId: null });
    expect((await rest.ask('bo', 'DELETE', path)).status).toBe(200);
    expect(await mine()).toMatchObject({ status: 'withdrawn' });
    const { reports } = await rest.get<{ reports: MyReport[] }>('/api/v1/reports/mine', 'ada');
    expect(reports.map(({ id }) => id)).not.toContain(reportId);
  });
});

describe('what each may see of an incident’s reports', () => {
  it('is exact and in words for officers and of one’s own, and snapped for others', async () => {
    const location = somewhere();
    const a = await rest.report('ada', { location, description: 'By the door' });
    const b = await rest.report('bo', {
      location: { ...location, lat: location.lat + 0.0001 },
      description: 'At the gate',
    });
    const words = new Map([
      [a.reportId, 'By the door'],
      [b.reportId, 'At the gate'],
    ]);
    const path = `/api/v1/incidents/${a.incidentId}/reports`;
    const seen = async (who: keyof People) =>
      (await rest.get<{ reports: IncidentReport[] }>(path, who)).reports;
    const byAda = await seen('ada');
    expect(byAda).toHaveLength(2);
    const [own, other] = [byAda.find(({ mine }) => mine)!, byAda.find(({ mine }) => !mine)!];
    expect(own).toMatchObject({ lat: location.lat, exact: true, description: 'By the door', accuracyM: 10 });
    expect(other).toMatchObject({ exact: false, description: null, accuracyM: null });
    expect(other.lat).not.toBe(location.lat + 0.0001);
    for (const report of await seen('officer'))
      expect(report).toMatchObject({ exact: true, mine: false, description: words.get(report.id) });
    expect(JSON.stringify(await seen('officer'))).not.toContain(rest.people.ada);
  });
});

describe('comments', () => {
  it('are voted on once by each, and never by their author', async () => {
    const { incidentId } = await rest.report('ada', { location: somewhere() });
    const path = `/api/v1/incidents/${incidentId}/comments`;
    const made = await rest.ask<{ commentId: string }>('ada', 'POST', path, {
      body: { body: 'Seen it' },
      key: 'c1',
    });
    expect(made.status).toBe(201);
    const again = await rest.ask('ada', 'POST', path, { body: { body: 'Seen it' }, key: 'c1' });
    expect(again.body).toEqual(made.body);
    const vote = `${path}/${made.body.commentId}/vote`;
    const cast = async (who: keyof People, body: object) =>
      (await rest.ask<CommentVotes & Problem>(who, 'PUT', vote, { body })).body;
    expect((await cast('ada', { vote: 'up' })).code).toBe('own_comment');
    expect(await cast('bo', { vote: 'up' })).toEqual({ up: 1, down: 0, myVote: 'up' });
    expect(await cast('bo', { vote: 'up' })).toEqual({ up: 1, down: 0, myVote: 'up' });
    expect(await cast('bo', { vote: 'down' })).toEqual({ up: 0, down: 1, myVote: 'down' });
    expect(await cast('officer', { vote: 'up' })).toEqual({ up: 1, down: 1, myVote: 'up' });
    const { comments } = await rest.get<{ comments: CommentAnswer[] }>(path, 'bo');
    expect(comments).toEqual([
      expect.objectContaining({ body: 'Seen it', mine: false, up: 1, down: 1, myVote: 'down' }),
    ]);
    expect((await rest.ask('bo', 'DELETE', vote)).body).toEqual({ up: 1, down: 0, myVote: null });
    const one = `${path}/${made.body.commentId}`;
    expect((await rest.ask('bo', 'DELETE', one)).status).toBe(404);
    expect((await rest.ask('ada', 'DELETE', one.replace(incidentId, uuidv7()))).status).toBe(404);
    expect((await rest.ask('officer', 'DELETE', one)).status).toBe(200);
    expect((await rest.get<{ comments: CommentAnswer[] }>(path)).comments).toEqual([]);
    expect((await cast('bo', { vote: 'up' })).code).toBe('comment_not_found');
  });
});

describe('decisions', () => {
  it('are officers’, follow the legal steps, and are history for all but in name', async () => {
    const { incidentId } = await rest.report('ada', { location: somewhere() });
    const path = `/api/v1/incidents/${incidentId}`;
    const decide = (who: keyof People, from: string, to: string) =>
      rest.ask<Problem>(who, 'POST', `${path}/transitions`, { body: { from, to, note: 'Was there' } });
    expect((await decide('ada', 'unverified', 'verified')).status).toBe(403);
    expect((await decide('officer', 'unverified', 'verified')).body).toMatchObject({
      incidentId,
      changed: true,
    });
    expect((await decide('operator', 'unverified', 'dismissed')).body.code).toBe('transition_conflict');
    expect((await decide('officer', 'verified', 'dismissed')).status).toBe(422);
    expect(await rest.get<IncidentDetail>(path)).toMatchObject({ verification: 'verified', followed: [] });
    const history = async (who: keyof People) =>
      (await rest.get<{ steps: IncidentStep[] }>(`${path}/history`, who)).steps;
    const step = { from: 'unverified', to: 'verified', byPerson: true };
    expect(await history('officer')).toMatchObject([
      { ...step, actorId: rest.people.officer, note: 'Was there' },
    ]);
    expect(await history('ada')).toMatchObject([{ ...step, actorId: null, note: null }]);
  });

  it('a role that was taken away decides no more, whatever the token says', async () => {
    const { incidentId } = await rest.report('ada', { location: somewhere() });
    const set = (role: string) =>
      database.pool.query('UPDATE users SET role = $2 WHERE id = $1', [rest.people.operator, role]);
    await set('reporter');
    const answer = await rest.ask<Problem>('operator', 'POST', `/api/v1/incidents/${incidentId}/join`, {
      body: { incidentIds: [incidentId] },
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    await set('operator');
  });

  it('join incidents, which lead to the one that goes on, and split them again', async () => {
    const [a, b] = [
      await rest.report('ada', { location: somewhere() }),
      await rest.report('bo', { location: somewhere() }),
    ];
    const join = { body: { incidentIds: [a.incidentId], note: 'One' } };
    const joined = await rest.ask('officer', 'POST', `/api/v1/incidents/${b.incidentId}/join`, join);
    expect([joined.status, joined.body]).toEqual([200, { incidentId: a.incidentId }]);
    for (const path of ['incidents', 'reports/cluster'])
      expect(await rest.get<IncidentDetail>(`/api/v1/${path}/${b.incidentId}`)).toMatchObject({
        id: a.incidentId,
        reportCount: 2,
        followed: [{ id: b.incidentId, because: 'merged' }],
      });
    const { steps } = await rest.get<{ steps: IncidentStep[] }>(`/api/v1/incidents/${a.incidentId}/history`);
    expect(steps.filter(({ to }) => to === 'joined')).toHaveLength(2);
    const split = { body: { reportIds: [b.reportId] } };
    const path = `/api/v1/incidents/${a.incidentId}/split`;
    expect((await rest.ask('ada', 'POST', path, split)).status).toBe(403);
    const parted = await rest.ask<{ kept: string; parted: string }>('officer', 'POST', path, split);
    expect(parted.body.kept).toBe(a.incidentId);
    expect(await rest.get<IncidentDetail>(`/api/v1/incidents/${parted.body.parted}`)).toMatchObject({
      reportCount: 1,
    });
    const all = { body: { reportIds: [a.reportId] } };
    expect((await rest.ask<Problem>('officer', 'POST', path, all)).body.code).toBe('nothing_left');
  });
});
