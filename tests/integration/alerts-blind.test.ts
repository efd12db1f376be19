import { expect, it } from 'vitest';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { someLooks, watchOn } from '../support/alert-watch.ts';
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
