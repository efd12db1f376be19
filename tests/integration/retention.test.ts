import { uuidv7 } from 'uuidv7';
import { beforeEach, describe, expect, it } from 'vitest';
import { dueTable } from '../../server/retention/due-table.ts';
import type { KeptDays } from '../../server/config/config.ts';
import type { Pool } from '../../server/db/pool.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { retentionPolicies } from '../../server/privacy/retention/policies.ts';
import type { RetentionPolicy } from '../../server/privacy/retention/policy.ts';
import { createRetentionJob } from '../../server/privacy/retention/retention-job.ts';
import { sweep } from '../../server/privacy/retention/sweep.ts';
import { createReportAnonymiser } from '../../server/reports/anonymise.ts';
import { publicPoint } from '../../server/reports/public-point.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const DAYS: KeptDays = { positions: 365, texts: 1_095, payloads: 90, feeds: 365 };
const FOREVER: KeptDays = { positions: undefined, texts: undefined, payloads: undefined, feeds: undefined };
const EXACT = { lat: 59.33263, lon: 18.06491 };

let pool: Pool;
beforeEach(async () => ({ pool } = await useTestDatabase()));

const policiesFor = (days: KeptDays) => retentionPolicies(days, createReportAnonymiser());
const parts = (policies: readonly RetentionPolicy[], now = new Date()) => ({
  pool,
  policies,
  now,
  maxMs: Infinity,
  monotonicMs: () => 0,
  sleep: () => Promise.resolve(),
  logger: createLogger('silent'),
});
const forget = (days: KeptDays) => sweep(parts(policiesFor(days)), () => {}, new AbortController().signal);

/** Rows that were forgotten, by policy. */
async function forgotten(days: KeptDays): Promise<Record<string, number>> {
  return Object.fromEntries((await forget(days)).map(({ name, rows }) => [name, rows]));
}

/** Two people at one event: the first has amended what he said, and somebody has commented on it. */
async function anEvent() {
  const [ann, bo] = (await addUsers(pool, 2)).map((id) => new TestDevice(id)) as [TestDevice, TestDevice];
  const app = createInstance(pool);
  const create = ann.report({ location: { ...EXACT, accuracyM: 10 } });
  await ann.settle(app, [create]);
  const { id: reportId } = create;
  const amend = ann.mutation('report.amend', {
    reportId,
    version: 1,
    changes: { description: 'Two bicycles were taken' },
  });
  expect(await ann.settle(app, [amend])).toMatchObject({ results: [{ status: 'applied' }] });
  const second = bo.report({
    location: { lat: EXACT.lat + 0.0003, lon: EXACT.lon, accuracyM: 10 },
    description: '',
  });
  await bo.settle(app, [second]);
  const [{ incident_id: incidentId }] = (await rowsOf('SELECT incident_id FROM reports WHERE id = $1', [
    reportId,
  ])) as [{ incident_id: string }];
  const comment = bo.mutation('comment.create', { incidentId, body: 'I saw it' });
  expect(await bo.settle(app, [comment])).toMatchObject({ results: [{ status: 'applied' }] });
  return { app, ann, bo, create, amend, reportId, incidentId };
}

async function rowsOf(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await pool.query<Record<string, unknown>>(sql, values)).rows;
}

/** Makes all that happened so many days older. */
async function age(days: number): Promise<void> {
  const by = `interval '${days} days'`;
  await pool.query(`UPDATE reports SET received_at = received_at - ${by}`);
  await pool.query(`UPDATE report_versions SET replaced_at = replaced_at - ${by}`);
  await pool.query(`UPDATE comments SET created_at = created_at - ${by}`);
  await pool.query(`UPDATE ledger SET settled_at = settled_at - ${by}`);
}

describe('what is kept for a time', () => {
  it('stays until then, and for ever where that is said', async () => {
    await anEvent();
    await age(89);
    expect(await forgotten(DAYS)).toEqual({
      positions: 0,
      texts: 0,
      comments: 0,
      payloads: 0,
      rejections: 0,
      feed_versions: 0,
      feed_polls: 0,
      notes: 0,
      sessions: 0,
      strangers: 0,
      audit_log: 0,
    });
    await age(2_000);
    // These have bounds of their own.
    expect(await forgotten(FOREVER)).toEqual({ feed_polls: 0, sessions: 0, strangers: 0, audit_log: 0 });
  });

  it('mutations lose what they asked for, and a resend has one effect still', async () => {
    const { app, ann, create, amend } = await anEvent();
    await age(91);
    expect(await forgotten(DAYS)).toMatchObject({ payloads: 4, positions: 0 });
    expect(await rowsOf('SELECT DISTINCT args FROM ledger')).toEqual([{ args: null }]);
    const again = await ann.settle(app, [create, amend]);
    expect(again.results).toMatchObject([
      { status: 'applied', replayed: true },
      { status: 'applied', replayed: true },
    ]);
    const otherwise = { ...create, args: { ...(create.args as object), severity: 5 } };
    expect((await ann.post(app, [otherwise])).status).toBe(422);
    expect(await forgotten(DAYS)).toMatchObject({ payloads: 0 });
  });

  it('exact places become the public point, incidents stay what they are, and nothing is done twice', async () => {
    const { reportId, incidentId } = await anEvent();
    const incident = () =>
      rowsOf(
        'SELECT lat, lon, report_count, reporter_count, verification, status FROM incidents WHERE id = $1',
        [incidentId],
      );
    const before = await incident();
    expect(before).toMatchObject([{ report_count: 2, reporter_count: 2 }]);
    await age(366);
    expect(await forgotten(DAYS)).toMatchObject({ positions: 2, texts: 0 });
    const { lat, lon } = publicPoint(EXACT);
    const report = () =>
      rowsOf(
        'SELECT lat, lon, accuracy_m, description, incident_id, reporter_id IS NULL AS nobodys FROM reports WHERE id = $1',
        [reportId],
      );
    const coarse = {
      lat,
      lon,
      accuracy_m: 260,
      description: 'Two bicycles were taken',
      incident_id: incidentId,
      nobodys: false,
    };
    expect(await report()).toEqual([coarse]);
    expect(await rowsOf('SELECT FROM report_versions')).toEqual([]);
    expect(await incident()).toEqual(before);
    expect(await forgotten(DAYS)).toMatchObject({ positions: 0 });
    // What its author says of it later is kept no longer than what he said first.
    await pool.query('UPDATE reports SET lat = $2, lon = $3 WHERE id = $1', [reportId, EXACT.lat, EXACT.lon]);
    expect(await forgotten(DAYS)).toMatchObject({ positions: 1 });
    expect(await report()).toEqual([coarse]);
  });

  it('a coarse report is amended as it was seen, and is joined with nothing by that', async () => {
    const { app, ann, bo, reportId } = await anEvent();
    // Another event of the same cell, too far off to be the same one.
    const other = bo.report({ location: { lat: EXACT.lat + 0.0018, lon: EXACT.lon, accuracyM: 10 } });
    await bo.settle(app, [other]);
    const incidents = () =>
      rowsOf('SELECT count(DISTINCT incident_id)::int AS n FROM reports WHERE id = ANY ($1)', [
        [reportId, other.id],
      ]);
    expect(await incidents()).toEqual([{ n: 2 }]);
    await age(366);
    expect(await forgotten(DAYS)).toMatchObject({ positions: 3 });
    const changes = { description: 'Three bicycles were taken' };
    const amend = ann.mutation('report.amend', { reportId, version: 2, changes });
    expect(await ann.settle(app, [amend])).toMatchObject({ results: [{ status: 'applied' }] });
    expect(await incidents()).toEqual([{ n: 2 }]);
    // What it said before that goes in its turn.
    await age(366);
    expect(await rowsOf('SELECT FROM report_versions')).toHaveLength(1);
    expect(await forgotten(DAYS)).toMatchObject({ positions: 1 });
    expect(await rowsOf('SELECT FROM report_versions')).toEqual([]);
  });

  it('what was rejected can be mended for as long as its words are kept', async () => {
    const { app, bo } = await anEvent();
    const rejected = bo.mutation('report.create', { type: 'theft' });
    expect(await bo.settle(app, [rejected])).toMatchObject({ results: [{ status: 'rejected' }] });
    const args = () => rowsOf('SELECT args FROM ledger WHERE id = $1', [rejected.id]);
    await age(364);
    expect(await forgotten(DAYS)).toMatchObject({ payloads: 4, rejections: 0 });
    expect(await args()).toEqual([{ args: { type: 'theft' } }]);
    await age(2);
    expect(await forgotten(DAYS)).toMatchObject({ rejections: 1 });
    expect(await args()).toEqual([{ args: null }]);
  });

  it('words and comments go, and the incident is still known', async () => {
    const { incidentId } = await anEvent();
    await age(1_096);
    expect(await forgotten(DAYS)).toMatchObject({ texts: 1, comments: 1 });
    expect(await rowsOf('SELECT DISTINCT description FROM reports')).toEqual([{ description: '' }]);
    expect(await rowsOf('SELECT FROM comments')).toEqual([]);
    expect(await rowsOf('SELECT report_count FROM incidents WHERE id = $1', [incidentId])).toEqual([
      { report_count: 2 },
    ]);
  });

  it('payloads go no later than the places and words in them', async () => {
    await anEvent();
    await age(31);
    expect(await forgotten({ ...FOREVER, positions: 30 })).toMatchObject({ payloads: 4, positions: 2 });
  });

  it('feeds keep the newest version of each item, and the newest poll', async () => {
    const id = uuidv7();
    await pool.query(
      `INSERT INTO feed_items (id, feed, source_id, kind, raw_type, payload, version, published_at, first_seen_at, last_seen_at)
       VALUES ($1, 'polisen', '1', 'notice', 'Övrigt', '{}', 3, now() - interval '3 years', now() - interval '3 years', now())`,
      [id],
    );
    await pool.query(
      `INSERT INTO feed_item_versions (feed_item_id, version, payload, seen_at)
       SELECT $1, n, '{}', now() - interval '3 years' + n * interval '1 hour' FROM generate_series(1, 3) AS n`,
      [id],
    );
    await pool.query(
      `INSERT INTO feed_polls (id, feed, started_at, finished_at, outcome)
       SELECT gen_random_uuid(), 'polisen', t, t, 'unchanged' FROM generate_series(now() - interval '1 year', now() - interval '100 days', interval '1 day') AS t`,
    );
    const polls = Number((await rowsOf('SELECT count(*) AS n FROM feed_polls'))[0]!.n);
    expect(await forgotten(DAYS)).toMatchObject({ feed_versions: 2, feed_polls: polls - 1 });
    expect(await rowsOf('SELECT version FROM feed_item_versions')).toEqual([{ version: 3 }]);
  });

  it('what officers wrote to their decisions goes with other words, and the decisions stay', async () => {
    const { ann, incidentId } = await anEvent();
    const decide = (note: string, days: number) =>
      pool.query(
        `INSERT INTO incident_transitions (id, incident_id, actor_id, from_state, to_state, note, made_at)
         VALUES (gen_random_uuid(), $1, $2, 'unverified', 'disputed', $3, now() - $4 * interval '1 day')`,
        [incidentId, ann.userId, note, days],
      );
    await decide('Her neighbour says otherwise', 1_096);
    await decide('Seen by a patrol', 1_094);
    expect(await forgotten({ ...DAYS, texts: undefined })).not.toHaveProperty('notes');
    expect(await dueTable(pool, policiesFor(DAYS), new Date())).toMatch(/^notes +1095 days +1 due/m);
    expect(await forgotten(DAYS)).toMatchObject({ notes: 1 });
    expect(await forgotten(DAYS)).toMatchObject({ notes: 0 });
    expect(
      await rowsOf(
        'SELECT to_state, note, actor_id FROM incident_transitions WHERE actor_id IS NOT NULL ORDER BY made_at',
      ),
    ).toEqual([
      { to_state: 'disputed', note: '', actor_id: ann.userId },
      { to_state: 'disputed', note: 'Seen by a patrol', actor_id: ann.userId },
    ]);
  });

  it('the audit log loses what is older than two years, and no more', async () => {
    await pool.query(
      `INSERT INTO audit_log (id, at, actor_kind, action, target_kind, outcome)
       SELECT gen_random_uuid(), now() - age * interval '1 day', 'system', 'test', age::text, 'done' FROM unnest($1::int[]) AS age`,
      [[729, 731, 800]],
    );
    expect(await dueTable(pool, policiesFor(DAYS), new Date())).toMatch(/^audit_log +731 days +2 due/m);
    expect(await forgotten(DAYS)).toMatchObject({ audit_log: 2 });
    expect(await rowsOf('SELECT target_kind AS age FROM audit_log')).toEqual([{ age: '729' }]);
  });
});

const numbered = (length: number) => Array.from({ length }, (_, n) => String(n));

describe('a sweep', () => {
  it('says what is due without changing anything', async () => {
    await anEvent();
    await age(366);
    const before = await rowsOf('SELECT id, lat, lon, version FROM reports ORDER BY id');
    const table = await dueTable(pool, policiesFor(DAYS), new Date());
    expect(table).toMatch(/^positions +365 days +2 due +reports of people/m);
    expect(table).toMatch(/^payloads +90 days +4 due/m);
    expect(await dueTable(pool, policiesFor(FOREVER), new Date())).toMatch(/^positions +for ever +0 due/m);
    expect(await rowsOf('SELECT id, lat, lon, version FROM reports ORDER BY id')).toEqual(before);
  });

  it('goes by small transactions with a rest after each, ends when told, and has others go on past a failure', async () => {
    const left = new Map([
      ['many', 250],
      ['others', 10],
    ]);
    const batches: number[] = [];
    const policy = (name: string, fails = false): RetentionPolicy => ({
      name,
      says: '',
      days: 1,
      count: () => Promise.resolve(left.get(name)!),
      due: () => Promise.resolve({ keys: numbered(left.get(name)!), next: undefined }),
      async forget(tx, keys) {
        await tx.query('SELECT 1');
        if (fails) throw new Error('the disk is full');
        batches.push(keys.length);
        left.set(name, left.get(name)! - keys.length);
      },
    });
    left.set('failing', 5);
    const rests: number[] = [];
    const sleep = async (ms: number) => void (ms > 0 && rests.push(ms));
    const all = { ...parts([policy('failing', true), policy('many'), policy('others')]), sleep };
    await expect(sweep(all, () => {}, new AbortController().signal)).rejects.toThrow('the disk is full');
    expect(batches).toEqual([100, 100, 50, 10]);
    expect(rests.every((ms) => ms >= 250)).toBe(true);
    expect(rests).toHaveLength(4);

    left.set('many', 250);
    const controller = new AbortController();
    const stopping = {
      ...parts([policy('many')]),
      sleep: (ms: number) => Promise.resolve(ms > 0 ? controller.abort() : undefined),
    };
    expect(await sweep(stopping, () => {}, controller.signal)).toMatchObject([{ rows: 100, more: true }]);
  });

  it('rests for whatever changed, the versions of a report and its incident among them', async () => {
    await anEvent();
    await age(366);
    const rests: number[] = [];
    const sleep = async (ms: number) => void (ms > 0 && rests.push(ms));
    await pool.query(
      `INSERT INTO report_versions (report_id, version, reporter_id, type, severity, occurred_at, description, lat, lon, replaced_by, replaced_at)
       SELECT report_id, version + n, reporter_id, type, severity, occurred_at, description, lat, lon, replaced_by, replaced_at FROM report_versions, generate_series(1, 1000) AS n`,
    );
    const positions = policiesFor(DAYS).filter(({ name }) => name === 'positions');
    await sweep({ ...parts(positions), sleep }, () => {}, new AbortController().signal);
    // A thousand versions of one report, and 400 changed rows a second.
    expect(rests).toHaveLength(1);
    expect(rests[0]).toBeGreaterThanOrEqual(1_000 * 2.5);
  });

  it('goes through a table a stretch at a time, past what was forgotten before, and finds what one look would', async () => {
    await anEvent();
    await age(91);
    await forgotten(DAYS);
    await anEvent();
    await age(2_000);
    const before = new Date();
    for (const policy of policiesFor(DAYS)) {
      const whole = await policy.due(pool, before, 50_000, undefined);
      expect(whole.next).toBeUndefined();
      const found: string[] = [];
      let stretches = 0;
      for (let after: string | undefined, isOver = false; !isOver; stretches += 1) {
        const { keys, next } = await policy.due(pool, before, 2, after);
        expect(keys.length).toBeLessThanOrEqual(2);
        found.push(...keys);
        after = next;
        isOver = next === undefined;
      }
      expect([policy.name, found]).toEqual([policy.name, whole.keys]);
      if (policy.name === 'payloads') expect([found.length, stretches]).toEqual([4, 5]);
    }
  });

  it('a night whose time is over before all is forgotten has failed by that, and is not owed', async () => {
    const policy = (name: string, keys: number): RetentionPolicy => ({
      name,
      says: '',
      days: 1,
      count: () => Promise.resolve(keys),
      due: () => Promise.resolve({ keys: numbered(keys), next: keys === 0 ? undefined : 'there' }),
      forget: () => Promise.resolve(),
    });
    let nowMs = 0;
    const times = {
      maxMs: 1_000,
      monotonicMs: () => nowMs,
      sleep: (ms: number) => Promise.resolve(void (nowMs += ms)),
    };
    const recorded = { pool, newId: uuidv7, clock: systemClock, logger: createLogger('silent') };
    const job = createRetentionJob(recorded, [policy('few', 0), policy('many', 100)], times);
    await expect(job.run(new AbortController().signal)).rejects.toMatchObject({ code: 'retention_behind' });
    const [run] = await rowsOf('SELECT state, error_code, error, result FROM job_runs');
    expect(run).toMatchObject({
      state: 'failed',
      error_code: 'retention_behind',
      result: {
        policies: [
          { name: 'few', more: false },
          { name: 'many', rows: 400, more: true },
        ],
      },
    });
    expect(run!['error']).toMatch(/left of: many\.$/);
    expect(await job.lastRunAt!()).toBeInstanceOf(Date);
  });

  it('a night that is cut off is said to be, with what it came to, and goes on at the next start', async () => {
    const controller = new AbortController();
    const policy: RetentionPolicy = {
      name: 'many',
      says: '',
      days: 1,
      count: () => Promise.resolve(250),
      due: () => Promise.resolve({ keys: numbered(250), next: undefined }),
      forget: () => Promise.resolve(controller.abort()),
    };
    const recorded = { pool, newId: uuidv7, clock: systemClock, logger: createLogger('silent') };
    const job = createRetentionJob(recorded, [policy]);
    expect(await job.lastRunAt!(), 'the first waits for its night').toBeInstanceOf(Date);
    await expect(job.run(controller.signal)).rejects.toMatchObject({ code: 'run_interrupted' });
    expect(await rowsOf('SELECT state, error_code, result FROM job_runs')).toMatchObject([
      { state: 'failed', error_code: 'run_interrupted', result: { policies: [{ rows: 100, more: true }] } },
    ]);
    expect(await job.lastRunAt!()).toBeUndefined();
  });
});
