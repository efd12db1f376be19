import { Writable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import type { TestDatabase } from '../support/database.ts';
import { useTestDatabase } from '../support/database.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createAlertWatch } from '../../server/operations/alerts/alert-watch.ts';
import type { AlertWatchParts } from '../../server/operations/alerts/alert-watch.ts';
import { ALERT_KINDS } from '../../server/operations/alerts/alert.ts';
import { readSharedFacts } from '../../server/operations/alerts/facts-store.ts';
import type { InstanceFacts } from '../../server/operations/alerts/facts.ts';
import type { AlertFormat } from '../../server/operations/alerts/message.ts';
import { createWebhook } from '../../server/operations/alerts/webhook.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { changeChampion } from '../../server/predictions/champion-store.ts';
import { beginRun, finishRun } from '../../server/jobs/run-store.ts';
import type { RecordedJob, RunEnd } from '../../server/jobs/run-store.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import type { AlertReceiver } from '../support/alert-receiver.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers } from './mutations-support.ts';
import { prepareSeries } from './predictions-fixtures.ts';

const WELL: Omit<InstanceFacts, 'postgresAnswers'> = {
  replication: { state: 'live', seconds: 0 },
  answered: { total: 0, failed: 0 },
  sessions: { present: 0, silent: 0 },
};

const AT_ONCE = { raiseAfterMs: 0, clearAfterMs: 0 };
const kinds = Object.fromEntries(
  Object.entries(ALERT_KINDS).map(([name, kind]) => [name, { ...kind, ...AT_ONCE }]),
) as typeof ALERT_KINDS;

/** An instance's watch on a database; it looks each 50 ms. */
function watchOn(
  { url, pool }: TestDatabase,
  receiver: AlertReceiver,
  changes: Partial<AlertWatchParts> & { readonly format?: AlertFormat; readonly log?: string[] } = {},
) {
  const { format = 'json', log, ...others } = changes;
  const lines = new Writable({
    write(line: Buffer, _, done) {
      log?.push(line.toString());
      done();
    },
  });
  const logger = createLogger('debug', lines);
  const watch = createAlertWatch({
    pool,
    leases: createLeases({ databaseUrl: url, logger, heartbeatMs: 50 }),
    instance: 'one',
    feeds: [],
    instanceFacts: () => WELL,
    webhook: createWebhook({
      url: receiver.url,
      format,
      fetch,
      random: () => 1,
      logger,
      backoff: { firstMs: 20, maxMs: 50 },
    }),
    newId: uuidv7,
    clock: systemClock,
    logger,
    pace: { everyMs: 50, quietMs: 0 },
    kinds,
    ...others,
  });
  const controller = new AbortController();
  const running = watch.run(controller.signal);
  const stop = async () => {
    controller.abort();
    await running;
  };
  onTestFinished(stop);
  return { watch, stop };
}

/** A run as its job records it. A backup has a record like any other. */
async function recordRun({ pool }: TestDatabase, job: string, end: RunEnd): Promise<void> {
  const id = uuidv7();
  const run = { id, job: job as RecordedJob, trigger: 'schedule' as const, requestedBy: null };
  await beginRun(pool, run, new Date());
  await finishRun(pool, id, end, new Date());
}

/** Waits until nothing more can be under way: a few looks. */
const someLooks = () => new Promise((resolve) => setTimeout(resolve, 300));

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
  await learnt(31);
  watchOn(database, receiver, { format: 'slack' });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  expect(receiver.taken[0]).toMatchObject({ attachments: [{ color: 'warning' }] });
  expect(receiver.taken[0]!['text']).toMatch(
    /^\*Warning: champion_kept_long\* \(forecasts\)\nOf 1 trained models .* 31 days/,
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
  const cutOff = { ...WELL, sessions: { present: 2, silent: 9 } };
  const ill = watchOn(database, receiver, { instance: 'ill', instanceFacts: () => cutOff });
  await eventually(() => expect(receiver.events()).toEqual(['raised devices_silent ill']));
  expect(ill.watch.open()).toEqual({ devices_silent: 1 });
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
