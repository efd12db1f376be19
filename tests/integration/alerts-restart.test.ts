import { expect, it } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { dueAfter } from '../../server/jobs/due-after.ts';
import type { AlertWatchParts } from '../../server/operations/alerts/alert-watch.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { someLooks, watchOn } from '../support/alert-watch.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const HOUR_MS = 3_600_000;
const STALLED = { id: 'one', reason: 'no_progress', shape: undefined, sinceMs: Date.now() - HOUR_MS };

/** What tells by how long something has not come. */
interface TimedAlert {
  readonly event: string;
  /** What an instance expects that was started then. */
  readonly watch: (sinceMs: number) => Partial<AlertWatchParts>;
  readonly breaks: (pool: Pool) => Promise<unknown>;
  readonly mends: (pool: Pool) => Promise<unknown>;
}

const polled = (pool: Pool, outcome: 'applied' | 'unchanged' | 'failed', ago: string) =>
  pool.query(
    `INSERT INTO feed_polls (id, feed, started_at, finished_at, outcome, reason)
     VALUES (gen_random_uuid(), 'polisen', now() - $1::interval, now(), $2::feed_poll_outcome,
       CASE $2 WHEN 'failed' THEN 'feed_unreachable' END)`,
    [ago, outcome],
  );

let stalled: (typeof STALLED)[] | undefined;

const TIMED: readonly TimedAlert[] = [
  {
    event: 'feed_silent polisen',
    watch: (sinceMs) => ({ feeds: [{ feed: 'polisen', dueAfterMs: dueAfter('*/5 * * * *'), sinceMs }] }),
    breaks: (pool) => polled(pool, 'applied', '2 hours'),
    mends: (pool) => polled(pool, 'unchanged', '0'),
  },
  {
    event: 'job_overdue idle',
    watch: (sinceMs) => ({ jobs: [{ job: 'idle', dueAfterMs: dueAfter('*/5 * * * *'), sinceMs }] }),
    breaks: (pool) =>
      pool.query(`INSERT INTO job_times (job, began_at) VALUES ('idle', now() - interval '2 hours')`),
    mends: (pool) => pool.query('UPDATE job_times SET began_at = now()'),
  },
  {
    event: 'devices_stalled devices',
    watch: () => ({ stalledDevices: () => Promise.resolve(stalled) }),
    breaks: () => Promise.resolve((stalled = [STALLED])),
    mends: () => Promise.resolve((stalled = [])),
  },
];

it.each(TIMED)('$event is neither over by a restart, nor told again', async ({ event, ...timed }) => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  await timed.breaks(database.pool);
  const first = watchOn(database, receiver, timed.watch(Date.now() - 3 * HOUR_MS));
  await eventually(() => expect(receiver.events()).toEqual([`raised ${event}`]));
  // Stopped between the webhook's answer and its being written down, it would rightly be told again.
  await eventually(async () => {
    const { rowCount } = await database.pool.query('SELECT id FROM alerts WHERE told_at IS NOT NULL');
    expect(rowCount).toBe(1);
  });
  await first.stop();
  // Nothing can be said of devices now.
  stalled = undefined;
  watchOn(database, receiver, timed.watch(Date.now()));
  await someLooks();
  expect(receiver.events()).toEqual([`raised ${event}`]);
  await timed.mends(database.pool);
  await eventually(() => expect(receiver.events()).toEqual([`raised ${event}`, `cleared ${event}`]));
});

it('a feed that gives nothing is told though no server lives for long', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const { watch } = TIMED[0]!;
  await polled(database.pool, 'applied', '2 hours');
  for (let poll = 1; poll < 6; poll += 1) await polled(database.pool, 'failed', `${poll * 10} minutes`);
  watchOn(database, receiver, watch(Date.now()));
  await someLooks();
  expect(receiver.events()).toEqual([]);
  await polled(database.pool, 'failed', '1 minute');
  await eventually(() => expect(receiver.events()).toEqual(['raised feed_silent polisen']));
});
