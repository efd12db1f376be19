import { expect, it, onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import type { TestDatabase } from '../support/database.ts';
import { useTestDatabase } from '../support/database.ts';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { HeadHistory } from '../../server/inspector/head-history.ts';
import { createInstanceReporter } from '../../server/inspector/instance-reporter.ts';
import { ReplicationJournal } from '../../server/inspector/replication-journal.ts';
import { createJobTimes } from '../../server/jobs/job-times.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createScheduler } from '../../server/jobs/scheduler.ts';
import { readSharedFacts } from '../../server/operations/alerts/facts-store.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { changeChampion } from '../../server/predictions/champion-store.ts';
import type { Forecaster } from '../../server/predictions/forecast.ts';
import { createLocalHistories } from '../../server/predictions/local-histories.ts';
import { predictionJobs } from '../../server/predictions/prediction-jobs.ts';
import type { PredictionParts } from '../../server/predictions/prediction-parts.ts';
import { beginRun, finishRun } from '../../server/jobs/run-store.ts';
import type { RecordedJob, RunEnd } from '../../server/jobs/run-store.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { INSTANCE_WELL, someLooks, watchOn } from '../support/alert-watch.ts';
import { eventually } from '../support/eventually.ts';
import { WELL as OWN_REPORT } from '../support/inspector.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { addUsers } from './mutations-support.ts';
import { cellsOf, insertHistory, prepareSeries } from './predictions-fixtures.ts';

/** A run as its job records it. A backup has a record like any other. */
async function recordRun({ pool }: TestDatabase, job: string, end: RunEnd): Promise<void> {
  const id = uuidv7();
  const run = { id, job: job as RecordedJob, trigger: 'schedule' as const, requestedBy: null };
  await beginRun(pool, run, new Date());
  await finishRun(pool, id, end, new Date());
}

/** What retraining and scoring take, with this forecaster in the test's own thread. */
function forecastingOn(pool: Pool, forecaster: Forecaster): PredictionParts {
  return {
    pool,
    histories: createLocalHistories(pool, forecaster),
    decide: () => ({ decision: 'kept' as const, reason: 'It is not better.' }),
    onUnusable: () => {},
    newId: uuidv7,
    clock: systemClock,
    logger: createLogger('silent'),
  };
}

it.each(['backup', 'retrain'])(
  'tells once that a run of %s failed, and once that one went well',
  async (job) => {
    const database = await useTestDatabase();
    const receiver = await useAlertReceiver();
    await recordRun(database, job, { result: {} });
    watchOn(database, receiver);
    await someLooks();
    expect(receiver.taken).toEqual([]);

    await recordRun(database, job, { code: 'disk_full', error: 'There is no room.' });
    const name = { backup: 'backup_failed', retrain: 'retraining_failed' }[job];
    await eventually(() => expect(receiver.events()).toEqual([`raised ${name} ${job}`]));
    expect(receiver.taken[0]!['what']).toMatch(/failed \(disk_full\); the last good one was at 20/);
    await someLooks();
    expect(receiver.taken).toHaveLength(1);

    await recordRun(database, job, { result: {} });
    await eventually(() =>
      expect(receiver.events()).toEqual([`raised ${name} ${job}`, `cleared ${name} ${job}`]),
    );
    await someLooks();
    expect(receiver.taken).toHaveLength(2);
  },
);

it('tells Slack of a champion that has learnt nothing for long, until another speaks', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const receiver = await useAlertReceiver();
  const series = { placeKind: 'municipality', category: 'all' } as const;
  await prepareSeries(pool, [series]);
  const learnt = async (daysAgo: number) => {
    const id = uuidv7();
    await pool.query(
      `INSERT INTO models (id, place_kind, category, kind, cut_off, decision, reason, trained_at)
       VALUES ($1, 'municipality', 'all', 'trained', now() - make_interval(days => $2), 'promoted', 'It was better.', now())`,
      [id, daysAgo],
    );
    const change = { series, modelId: id, cause: 'gate' as const, by: null };
    await inTransaction(pool, (tx) => changeChampion(tx, change, new Date()));
  };
  await learnt(64);
  watchOn(database, receiver, { format: 'slack' });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  expect(receiver.taken[0]).toMatchObject({ attachments: [{ color: 'warning' }] });
  expect(receiver.taken[0]!['text']).toMatch(
    /^\*Warning: champion_kept_long\* \(forecasts\)\nOf 1 trained models .* 64 days/,
  );
  await learnt(1);
  await eventually(() => expect(receiver.taken).toHaveLength(2));
  expect(receiver.taken[1]!['text']).toMatch(/^\*Over: champion_kept_long\*/);
});

it('tells of a model that could not be used, until the gate decides again', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const receiver = await useAlertReceiver();
  const series = { placeKind: 'municipality', category: 'all' } as const;
  const [baseline] = await prepareSeries(pool, [series]);
  const change = (cause: 'fall_back' | 'gate') =>
    inTransaction(pool, (tx) =>
      changeChampion(tx, { series, modelId: baseline!, cause, by: null }, new Date()),
    );
  await change('fall_back');
  watchOn(database, receiver);
  await eventually(() => expect(receiver.events()).toEqual(['raised model_unusable forecasts']));
  await change('gate');
  await eventually(() =>
    expect(receiver.events()).toEqual([
      'raised model_unusable forecasts',
      'cleared model_unusable forecasts',
    ]),
  );
});

it('repeats nothing after a restart, forgets nothing, and lets one of several instances tell', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  await recordRun(database, 'backup', { code: 'disk_full', error: 'There is no room.' });
  const first = watchOn(database, receiver, { instance: 'first' });
  await eventually(() => expect(receiver.events()).toEqual(['raised backup_failed backup']));
  watchOn(database, receiver, { instance: 'second' });
  watchOn(database, receiver, { instance: 'third' });
  await someLooks();
  await first.stop();
  await someLooks();
  expect(receiver.taken).toHaveLength(1);
  await recordRun(database, 'backup', { result: {} });
  await eventually(() =>
    expect(receiver.events()).toEqual(['raised backup_failed backup', 'cleared backup_failed backup']),
  );
  await someLooks();
  expect(receiver.taken).toHaveLength(2);
});

it('keeps what the webhook does not take, never logs where it is, and tells it when it takes again', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const log: string[] = [];
  receiver.answer(500);
  const first = watchOn(database, receiver, { log });
  await recordRun(database, 'backup', { code: 'disk_full', error: 'There is no room.' });
  await eventually(() => expect(log.join('')).toContain('the webhook of alerts took nothing'));
  await first.stop();
  // A restart meanwhile, with a webhook that redirects what it is told to somebody else.
  receiver.answer(302);
  watchOn(database, receiver, { log });
  await someLooks();
  expect(receiver.taken).toEqual([]);
  receiver.answer(204);
  await eventually(() => expect(receiver.events()).toEqual(['raised backup_failed backup']));
  expect(log.join('')).not.toContain('secret-of-the-hook');
});

it('tells how an instance fares, each for itself, and clears what is of one that is gone', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const cutOff = { ...INSTANCE_WELL, sessions: { present: 2, silent: 9, isWhole: true } };
  const ill = watchOn(database, receiver, { instance: 'ill', instanceFacts: () => cutOff });
  await eventually(() => expect(receiver.events()).toEqual(['raised devices_silent ill']));
  expect(ill.watch.open()).toEqual({ devices_silent: 1 });
  // Stopped between the webhook's answer and its being written down, it would rightly be told again.
  await eventually(async () => {
    const { rowCount } = await database.pool.query('SELECT id FROM alerts WHERE told_at IS NOT NULL');
    expect(rowCount).toBe(1);
  });
  await ill.stop();
  // It comes back, and is still ill: nothing new.
  const again = watchOn(database, receiver, { instance: 'ill', instanceFacts: () => cutOff });
  await someLooks();
  expect(receiver.taken).toHaveLength(1);
  await again.stop();
  watchOn(database, receiver, { instance: 'well', pace: { everyMs: 50, quietMs: 0, goneAfterMs: 500 } });
  await eventually(() =>
    expect(receiver.events()).toEqual(['raised devices_silent ill', 'cleared devices_silent ill']),
  );
});

it('adds up what waits on devices, which waits on while they are away', async () => {
  const { pool } = await useTestDatabase();
  const [user] = await addUsers(pool, 1);
  await pool.query(
    `INSERT INTO device_status (id, user_id, known_by, pending, rejected, oldest_s, reported_at)
     SELECT gen_random_uuid(), $1, 'device', pending, rejected, oldest_s, now() - reported_ago
     FROM (VALUES (3, 0, 60::bigint, interval '0'), (2, 1, 60, interval '30 minutes'), (1, 0, 7200, interval '23 hours'),
       (0, 4, NULL, interval '0'), (0, 0, NULL, interval '0')) AS given (pending, rejected, oldest_s, reported_ago)`,
    [user],
  );
  const { outboxes } = await readSharedFacts(pool, [], []);
  const devices = { under_10_min: 1, under_1_h: 1, under_1_d: 0, over_1_d: 1 };
  expect(outboxes).toEqual({ pending: 6, rejected: 5, devices });
});

it('tells of a job that nobody begins, and once that it has begun', async () => {
  const database = await useTestDatabase();
  const { pool, url } = database;
  const receiver = await useAlertReceiver();
  const log = createLogger('silent');
  const leases = createLeases({ databaseUrl: url, logger: log });
  // Somebody holds the job's lease and does nothing.
  const held = await leases.tryAcquire('idle');
  const job = { name: 'idle', schedule: '* * * * * *', run: () => Promise.resolve() };
  const times = createJobTimes(pool);
  const scheduler = createScheduler({ jobs: [job], leases, times, clock: systemClock, logger: log });
  const stopped = new AbortController();
  const running = scheduler.run(stopped.signal);
  onTestFinished(async () => {
    stopped.abort();
    await running;
  });
  const expected = scheduler.expected().map((one) => ({ ...one, sinceMs: Date.now() }));
  watchOn(database, receiver, { jobs: expected, limits: { overdueMs: 1_500 } });
  await eventually(() => expect(receiver.events()).toEqual(['raised job_overdue idle']));
  expect(receiver.taken[0]!['what']).toMatch(/^The job idle was due at 20.*It has never begun/);
  await held!.release();
  await eventually(() => {
    expect(receiver.events()).toEqual(['raised job_overdue idle', 'cleared job_overdue idle']);
  });
  const { rows } = await pool.query<{ job: string; ended: boolean; failed: boolean }>(
    'SELECT job, ended_at IS NOT NULL AS ended, failed FROM job_times',
  );
  expect(rows).toMatchObject([{ job: 'idle', failed: false }]);
});

it('takes a run for dead whose lease nobody holds, before another begins', async () => {
  const database = await useTestDatabase();
  const { pool, url } = database;
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, step)
     SELECT gen_random_uuid(), job, 'schedule', 'running', now() - ago, ''
       FROM (VALUES ('backup', interval '1 hour'), ('score', interval '1 hour'), ('retrain', interval '5 seconds')) AS run (job, ago)`,
  );
  const lease = await createLeases({ databaseUrl: url, logger: createLogger('silent') }).tryAcquire('score');
  onTestFinished(() => lease!.release());
  const { runs } = await readSharedFacts(pool, [], ['backup', 'retrain', 'score']);
  expect(runs).toMatchObject([{ job: 'backup', state: 'abandoned', errorCode: 'run_abandoned' }]);
});

it('a run by hand puts off when its job is due', async () => {
  const { pool } = await useTestDatabase();
  await pool.query(
    `INSERT INTO job_times (job, began_at, ended_at) SELECT job, now() - interval '3 hours', now() - interval '2 hours'
     FROM unnest(ARRAY['retrain', 'score', 'hangs']) AS job`,
  );
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, step)
     VALUES (gen_random_uuid(), 'retrain', 'manual', 'succeeded', now() - interval '90 minutes', now() - interval '60 minutes', ''),
            (gen_random_uuid(), 'score', 'manual', 'running', now() - interval '90 minutes', NULL, ''),
            (gen_random_uuid(), 'hangs', 'manual', 'running', now() - interval '8 hours', NULL, '')`,
  );
  const { jobs } = await readSharedFacts(pool, [], []);
  const agoMinutes = (at: Date) => Math.round((Date.now() - at.getTime()) / 60_000);
  expect(jobs!.map(({ job, busyUntil }) => [job, agoMinutes(busyUntil)])).toEqual([
    ['hangs', 120],
    ['retrain', 60],
    ['score', 0],
  ]);
});

it('tells of a scoring that Postgres made fail, and once that one went well', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const receiver = await useAlertReceiver();
  const score = async () => {
    // Two runs within half a minute are one.
    await pool.query(`UPDATE job_runs SET started_at = started_at - interval '1 minute'`);
    const jobs = predictionJobs(forecastingOn(pool, plainForecaster), '0 2 * * *');
    await jobs.find(({ name }) => name === 'score')!.run(new AbortController().signal);
  };
  await insertHistory(pool, [{ at: cellsOf(1)[0]!, occurredAt: new Date(Date.now() - 86_400_000) }]);
  watchOn(database, receiver);
  await score();
  await someLooks();
  expect(receiver.taken).toEqual([]);
  await pool.query('ALTER TABLE predictions RENAME TO predictions_away');
  await expect(score()).rejects.toMatchObject({ code: 'internal' });
  await eventually(() => expect(receiver.events()).toEqual(['raised scoring_failed score']));
  await pool.query('ALTER TABLE predictions_away RENAME TO predictions');
  await score();
  await eventually(() =>
    expect(receiver.events()).toEqual(['raised scoring_failed score', 'cleared scoring_failed score']),
  );
});

it('tells once of a retraining whose training breaks, and once that one went well', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const receiver = await useAlertReceiver();
  let train = plainForecaster.train;
  const forecaster: Forecaster = { ...plainForecaster, train: (...asked) => train(...asked) };
  const retrain = async () => {
    // Two runs within half a minute are one.
    await pool.query(`UPDATE job_runs SET started_at = started_at - interval '1 minute'`);
    const jobs = predictionJobs(forecastingOn(pool, forecaster), '0 2 * * *');
    await jobs.find(({ name }) => name === 'retrain')!.run(new AbortController().signal);
  };
  await insertHistory(pool, [{ at: cellsOf(1)[0]!, occurredAt: new Date(Date.now() - 86_400_000) }]);
  watchOn(database, receiver);
  await retrain();
  await someLooks();
  expect(receiver.taken).toEqual([]);
  train = () => Promise.reject(new HaloError('no_convergence', 'The loss grows.'));
  await expect(retrain()).rejects.toMatchObject({ code: 'training_failed' });
  await eventually(() => expect(receiver.events()).toEqual(['raised retraining_failed retrain']));
  expect(receiver.taken[0]!['what']).toMatch(/failed \(training_failed\); the last good one was at 20/);
  // One that breaks again is no other alert.
  await expect(retrain()).rejects.toMatchObject({ code: 'training_failed' });
  await someLooks();
  expect(receiver.taken).toHaveLength(1);
  train = plainForecaster.train;
  await retrain();
  const both = ['raised retraining_failed retrain', 'cleared retraining_failed retrain'];
  await eventually(() => expect(receiver.events()).toEqual(both));
  await someLooks();
  expect(receiver.taken).toHaveLength(2);
});

it('a Postgres that answers with an error is not down: the error is logged, once', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const log: string[] = [];
  const { watch } = watchOn(database, receiver, { log });
  await eventually(() => expect(watch.facts()).toBeDefined());
  await database.pool.query('ALTER TABLE champion_changes RENAME TO changes_away');
  await eventually(() => expect(receiver.events()).toEqual(['raised alerts_blind one']));
  expect(receiver.taken[0]!['what']).toContain('cannot use: champions.');
  await someLooks();
  // All else is told as before.
  await recordRun(database, 'backup', { code: 'disk_full', error: 'There is no room.' });
  await eventually(() => expect(receiver.events().slice(1)).toEqual(['raised backup_failed backup']));
  expect(log.filter((line) => line.includes('what alerts are made of cannot be read'))).toHaveLength(1);
  await database.pool.query('ALTER TABLE changes_away RENAME TO champion_changes');
  await eventually(() => expect(receiver.events().slice(2)).toEqual(['cleared alerts_blind one']));
});

it('an instance report that cannot be written is logged, once in a while, and Postgres away is not', async () => {
  const { pool } = await useTestDatabase();
  const lines: { level: number; msg: string }[] = [];
  const logger = createLogger('debug', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
  });
  const runFor = async (db: Pool) => {
    const stopped = new AbortController();
    const parts = { instance: 'one', ownReport: () => OWN_REPORT, journal: new ReplicationJournal(() => 0) };
    const reporter = createInstanceReporter({
      ...{ ...parts, pool: db, history: new HeadHistory(), head: () => undefined, logger },
      nowMs: () => performance.now(),
    });
    const running = reporter.run(stopped.signal);
    await someLooks();
    stopped.abort();
    await running;
  };
  await runFor(pool);
  expect(lines).toEqual([]);
  await pool.query('ALTER TABLE instance_status RENAME TO status_away');
  await runFor(pool);
  expect(lines).toMatchObject([{ level: 50, msg: 'how this instance fares could not be written down' }]);
  const nowhere = createPool('postgres://halo@127.0.0.1:1/nothing', 1, logger);
  onTestFinished(() => nowhere.end());
  await runFor(nowhere);
  expect(lines).toHaveLength(1);
});

it('devices that cannot be looked at in time are no reason to think that Postgres is down', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const pace = { everyMs: 50, quietMs: 0, answerWithinMs: 2_000 };
  const never = () => new Promise<never>(() => {});
  const { watch } = watchOn(database, receiver, { pace, stalledDevices: never });
  await eventually(() => expect(watch.facts()).toBeDefined());
  await eventually(() => expect(watch.open()).toEqual({ alerts_blind: 1 }));
  await someLooks();
  expect(watch.facts()!.facts.stalled).toBeUndefined();
  expect(watch.open()).toEqual({ alerts_blind: 1 });
});
