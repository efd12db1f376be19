import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import type { SyncHistory } from '@halo/shapes/protocol/sync-history.ts';
import type { RequireCaller } from '../../server/auth/identity.ts';
import { answerProblem } from '../../server/http/problem.ts';
import { recordMinute } from '../../server/inspector/history-writer.ts';
import { createInspectorSweep } from '../../server/inspector/housekeeping.ts';
import type { OwnReport } from '../../server/inspector/own-report.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { inspectorOf, WELL } from '../support/inspector.ts';
import { addUsers } from './mutations-support.ts';
import { fillDatabase } from './rest-full-database.ts';

const SYNC = '/api/v1/admin/sync';
const DOWN: OwnReport = { ...WELL, state: 'disconnected', lagMs: 31_000, lagBytes: null };

let database: TestDatabase;
let operator: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const users = await addUsers(database.pool, 3);
  operator = users[2]!;
  await fillDatabase(database.pool, { reporter: users[0]!, other: users[1]! });
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('DELETE FROM sync_history'));

function openInstance(self: string, ownReport: OwnReport = WELL) {
  const requireCaller: RequireCaller = () => async (c, next) => {
    c.set('caller', {
      ...{ userId: operator, role: 'operator', sessionId: crypto.randomUUID() },
      expiresAt: new Date(Date.now() + 900_000),
    });
    await next();
  };
  const { pool } = database;
  const { router, fleet, instances, openAlerts } = inspectorOf(pool, requireCaller, {
    self,
    ownReport: () => ownReport,
  });
  const app = new OpenAPIHono();
  app.onError((error, c) => answerProblem(error, c, createLogger('silent')));
  app.route('/', router);
  const ask = async <Body>(path: string) => {
    const answer = await app.request(`${SYNC}${path}`);
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  return { ask, record: () => recordMinute({ pool, fleet, instances, openAlerts }) };
}

/** Makes as if all that is written down had been so many minutes earlier; in two steps, so that no row meets another. */
async function minutesPass(minutes: number): Promise<void> {
  for (const shift of [-100_000, 100_000 - minutes])
    await database.pool.query(
      `UPDATE sync_history SET minute = minute + $1 * interval '1 minute',
                               verdict_since = verdict_since + $1 * interval '1 minute'`,
      [shift],
    );
}

it('a minute is written down once, however many instances look at once', async () => {
  const all = ['aaaaaaaaaaa1', 'aaaaaaaaaaa2', 'aaaaaaaaaaa3'].map((self) => openInstance(self));
  const before = Date.now();
  const written = await Promise.all(all.map(({ record }) => record()));
  const { rows } = await database.pool.query<{ minute: Date }>('SELECT minute FROM sync_history');
  // A minute may have begun meanwhile.
  expect(written.filter(Boolean)).toHaveLength(rows.length);
  expect(rows.length).toBeLessThanOrEqual(Math.floor(Date.now() / 60_000) - Math.floor(before / 60_000) + 1);
});

it('what was written down says how it was, with mutations of the minute before, and the history gives it again', async () => {
  const { ask, record } = openInstance('bbbbbbbbbbb1', DOWN);
  const { body: overview } = await ask<Overview>('');
  expect(overview.since).toBeNull();
  for (let isSameMinute = false; !isSameMinute;) {
    await database.pool.query('DELETE FROM sync_history');
    await database.pool.query(
      `UPDATE ledger SET settled_at = date_trunc('minute', now()) - interval '30 seconds' WHERE status = 'rejected'`,
    );
    await record();
    const { rowCount } = await database.pool.query(
      `SELECT FROM sync_history WHERE minute = (SELECT max(settled_at) + interval '30 seconds' FROM ledger WHERE status = 'rejected')`,
    );
    isSameMinute = rowCount === 1;
  }
  const to = new Date(Date.now() + 120_000).toISOString();
  const { status, body } = await ask<SyncHistory>(`/history?to=${to}&step=60`);
  expect([status, body.points.length]).toEqual([200, 1]);
  const { rejectedLastHour } = (await ask<Overview>('')).body.mutations;
  expect(rejectedLastHour).toBeGreaterThan(0);
  expect(body.points[0]).toMatchObject({
    ...{ minutes: 1, verdict: 'replication_down', devices: overview.devices, outbox: overview.outbox },
    lag: { bytes: null, seconds: 31, instance: 'bbbbbbbbbbb1' },
    mutations: { rejected: rejectedLastHour },
  });
  // None of it is of the time asked for.
  expect(
    (await ask<SyncHistory>(`/history?to=${new Date(Date.now() - 3_600_000).toISOString()}`)).body.points,
  ).toEqual([]);
});

it('a fault is told with its beginning as long as it lasts without a gap, whoever writes it down', async () => {
  const [one, other] = [openInstance('ccccccccccc1', DOWN), openInstance('ccccccccccc2', DOWN)];
  const well = openInstance('ccccccccccc3');
  const verdict = async () => {
    const { body } = await well.ask<Overview>('');
    return [
      body.verdict,
      body.since === null ? null : Math.round((Date.parse(body.at) - Date.parse(body.since)) / 60_000),
    ];
  };
  await well.record();
  await minutesPass(2);
  await one.record();
  await minutesPass(2);
  await other.record();
  await minutesPass(2);
  const { body } = await one.ask<Overview>('');
  expect(body.verdict).toBe('replication_down');
  const minutes = (Date.parse(body.at) - Date.parse(body.since!)) / 60_000;
  expect(minutes).toBeGreaterThanOrEqual(4);
  expect(minutes).toBeLessThan(6.1);
  // It is over: since now.
  const [now, since] = await verdict();
  expect([now === 'replication_down', since]).toEqual([false, 0]);
  // After a gap nobody knows how it was.
  await minutesPass(10);
  expect((await one.ask<Overview>('')).body.since).toBeNull();
  await one.record();
  const again = (await one.ask<Overview>('')).body;
  expect(Date.parse(again.at) - Date.parse(again.since!)).toBeLessThan(120_000);
});

it('an open alert is in the overview, above all else, and in what is written down, until it is over', async () => {
  const { ask, record } = openInstance('eeeeeeeeeee1');
  await database.pool.query('UPDATE alerts SET cleared_at = now() WHERE cleared_at IS NULL');
  const id = '01980a3c-7c00-7000-8000-0000000009f1';
  await database.pool.query(
    `INSERT INTO alerts (id, name, subject, scope, instance, what, since, raised_at, tell_from)
     VALUES ($1, 'backup_failed', 'backup', 'shared', 'here', 'It failed: backup_place_full.', now(), now(), now())`,
    [id],
  );
  const { body } = await ask<Overview>('');
  expect(body.verdict).toBe('needs_action');
  expect(body.findings[0]).toMatchObject({
    ...{ code: 'alert_backup_failed', severity: 'critical', alertId: id },
    text: 'Backups are not in order (backup). It failed: backup_place_full.',
  });
  await record();
  const to = new Date(Date.now() + 120_000).toISOString();
  const history = () => ask<SyncHistory>(`/history?to=${to}&step=60`);
  expect((await history()).body.points.map(({ verdict }) => verdict)).toEqual(['needs_action']);
  await database.pool.query('UPDATE alerts SET cleared_at = now() WHERE id = $1', [id]);
  const after = (await ask<Overview>('')).body;
  expect([
    after.verdict === 'needs_action',
    after.findings.filter(({ alertId }) => alertId !== null),
  ]).toEqual([false, []]);
  // What a newer version writes down is not taken for well.
  await database.pool.query(`UPDATE sync_history SET verdict = 'of_next_year'`);
  expect((await history()).body.points.map(({ verdict }) => verdict)).toEqual(['needs_a_look']);
});

it('asks for too many points, or for a time that ends before it begins, are refused by name', async () => {
  const { ask } = openInstance('ddddddddddd1');
  for (const [query, field] of [
    ['from=2026-03-03T12:00:00Z&to=2026-03-03T11:00:00Z', 'from'],
    ['from=2026-03-01T12:00:00Z&to=2026-03-03T12:00:00Z&step=60', 'step'],
    ['step=90', 'step'],
    ['step=0', 'step'],
    ['from=yesterday', 'from'],
    ['hours=6', undefined],
  ] as const) {
    const { status, body } = await ask<{ code: string; field?: string }>(`/history?${query}`);
    expect([status, body.code], query).toEqual([400, 'invalid_request']);
    if (field !== undefined) expect(body.field, query).toBe(field);
  }
  const longest = await ask<SyncHistory>('/history?from=2026-03-01T12:00:00Z&to=2026-03-15T12:00:00Z');
  expect([longest.status, longest.body.stepSeconds]).toEqual([200, 1_740]);
});

it('what is older than two weeks goes, some rows at a time, and nothing younger', async () => {
  await database.pool.query(
    `INSERT INTO sync_history (minute, verdict, verdict_since, devices_live, devices_behind, devices_stalled, devices_offline,
       devices_revoked, outbox_pending, outbox_rejected, outbox_stuck, mutations_applied, mutations_rejected)
     SELECT date_trunc('minute', now()) - n * interval '1 minute', 'well', now(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
       FROM generate_series(14 * 1440 - 3, 14 * 1440 + 4999) n`,
  );
  await createInspectorSweep(database.pool).run(new AbortController().signal);
  const { rows } = await database.pool.query<{ n: number; age: number }>(
    `SELECT count(*)::int AS n, (extract(epoch FROM now() - min(minute)) / 86400)::float8 AS age FROM sync_history`,
  );
  // One less where a minute begins meanwhile.
  expect(rows[0]!.n).toBeGreaterThanOrEqual(2);
  expect(rows[0]!.n).toBeLessThanOrEqual(4);
  expect(rows[0]!.age).toBeLessThanOrEqual(14.001);
});
