import { expect, it } from 'vitest';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { KINDS_AT_ONCE, someLooks, watchOn } from '../support/alert-watch.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const STALLED = { id: 'one', reason: 'no_progress', shape: undefined, sinceMs: Date.now() - 600_000 };

it('what cannot be read any more is neither over nor told again', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const receiver = await useAlertReceiver();
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, step, error_code, error)
     VALUES (gen_random_uuid(), 'score', 'schedule', 'failed', now(), now(), '', 'internal', 'It failed.')`,
  );
  watchOn(database, receiver);
  await eventually(() => expect(receiver.events()).toEqual(['raised scoring_failed score']));
  await pool.query('ALTER TABLE job_runs RENAME TO runs_away');
  await eventually(() => expect(receiver.events().slice(1)).toEqual(['raised alerts_blind one']));
  await someLooks();
  await pool.query('ALTER TABLE runs_away RENAME TO job_runs');
  await eventually(() => expect(receiver.events().slice(2)).toEqual(['cleared alerts_blind one']));
  await someLooks();
  expect(receiver.taken).toHaveLength(3);
});

it('alerts that cannot be written down are told of, too', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  await database.pool.query(`ALTER TABLE alerts ADD CONSTRAINT away CHECK (scope <> 'shared') NOT VALID`);
  watchOn(database, receiver, { stalledDevices: () => Promise.resolve([STALLED]) });
  await eventually(() => expect(receiver.events()).toEqual(['raised alerts_blind one']));
  expect(receiver.taken[0]!['what']).toContain('cannot use: alerts.');
  await database.pool.query('ALTER TABLE alerts DROP CONSTRAINT away');
  await eventually(() =>
    expect(receiver.events().slice(1).toSorted()).toEqual([
      'cleared alerts_blind one',
      'raised devices_stalled devices',
    ]),
  );
});

it('an instance that cannot read all leaves it to one that can to tell', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const blind = watchOn(database, receiver, {
    instance: 'blind',
    stalledDevices: () => Promise.reject(new Error('It cannot be read here.')),
  });
  await eventually(() => expect(receiver.events()).toEqual(['raised alerts_blind blind']));
  watchOn(database, receiver, { instance: 'well', stalledDevices: () => Promise.resolve([STALLED]) });
  await eventually(() => expect(receiver.events().slice(1)).toEqual(['raised devices_stalled devices']));
  expect(receiver.taken[1]).toMatchObject({ instance: 'well' });
  expect(blind.watch.open()).toEqual({ alerts_blind: 1 });
});

/** Longer than three looks: no instance that gives up after three has seen it last for so long. */
const LASTING = { raiseAfterMs: 600, clearAfterMs: 0 };

it('alerts that no instance can write down are told of, though they take turns', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  await database.pool.query(`ALTER TABLE alerts ADD CONSTRAINT away CHECK (scope <> 'shared') NOT VALID`);
  const kinds = {
    ...KINDS_AT_ONCE,
    alerts_blind: { ...KINDS_AT_ONCE.alerts_blind, ...LASTING },
  };
  const stalledDevices = () => Promise.resolve([STALLED]);
  for (const instance of ['one', 'two']) watchOn(database, receiver, { instance, kinds, stalledDevices });
  await eventually(() => {
    expect(receiver.events()).toContain('raised alerts_blind one');
    expect(receiver.events()).toContain('raised alerts_blind two');
  });
  expect(receiver.events()).toHaveLength(2);
  await database.pool.query('ALTER TABLE alerts DROP CONSTRAINT away');
  // The one that tells by now knows that it can; the other, some time later (shared-turn.test.ts).
  await eventually(() => {
    expect(receiver.events()).toContain('raised devices_stalled devices');
    expect(receiver.events().filter((event) => event.startsWith('cleared alerts_blind'))).not.toEqual([]);
  });
});

it('a table that is locked is one that cannot be read, and no Postgres that is away', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const pace = { everyMs: 50, quietMs: 0, answerWithinMs: 3_000 };
  const locking = await database.pool.connect();
  try {
    await locking.query('BEGIN; LOCK TABLE job_times IN ACCESS EXCLUSIVE MODE');
    watchOn(database, receiver, { pace, stalledDevices: () => Promise.resolve([STALLED]) });
    await eventually(() =>
      expect(receiver.events().toSorted()).toEqual([
        'raised alerts_blind one',
        'raised devices_stalled devices',
      ]),
    );
    expect(receiver.taken[0]!['what']).toContain('cannot use: jobs.');
    await someLooks();
    // What waits is not asked for again: each look would take one more connection from everybody else.
    const { rows } = await locking.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_locks WHERE relation = 'job_times'::regclass AND NOT granted`,
    );
    expect(rows).toEqual([{ waiting: 1 }]);
  } finally {
    await locking.query('ROLLBACK');
    locking.release();
  }
  await eventually(() => expect(receiver.events()).toContain('cleared alerts_blind one'));
  expect(receiver.events()).toHaveLength(3);
});
