import { describe, expect, it, onTestFinished } from 'vitest';
import { createPolisenJob } from '../../server/feeds/polisen/polisen-job.ts';
import type { Job, Lease, Leases } from '../../server/jobs/job.ts';
import { createJobTimes } from '../../server/jobs/job-times.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createScheduler } from '../../server/jobs/scheduler.ts';
import type { Scheduler } from '../../server/jobs/scheduler.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { pollerParts, useFeedServer } from './feeds-fixtures.ts';

const logger = createLogger('silent');
const EVERY_SECOND = '* * * * * *';
const EVERY_OTHER_SECOND = '*/2 * * * * *';
const NEVER_SOON = '0 0 29 2 *';

function leasesOf(databaseUrl: string) {
  return createLeases({ databaseUrl, logger, heartbeatMs: 50 });
}

/** The lease "feed", or a failure to be tried again. */
async function acquired(leases: Leases): Promise<Lease> {
  const lease = await leases.tryAcquire('feed');
  if (lease === undefined) throw new Error('another holds the lease');
  return lease;
}

/** Runs a scheduler until the test is over; `stop` resolves when it has drained. */
function start(scheduler: Scheduler): { stop: () => Promise<void> } {
  const controller = new AbortController();
  const running = scheduler.run(controller.signal);
  const stop = async () => {
    controller.abort();
    await running;
  };
  onTestFinished(stop);
  return { stop };
}

describe('leases', () => {
  it('let one instance at a time in, and the next when it is released', async () => {
    const { url } = await useTestDatabase();
    const [a, b] = [leasesOf(url), leasesOf(url)];
    const held = await a.tryAcquire('feed');
    expect(held).toBeDefined();
    expect(await b.tryAcquire('feed')).toBeUndefined();
    const other = await b.tryAcquire('another');
    expect(other).toBeDefined();
    await held?.release();
    const next = await eventually(() => acquired(b));
    expect(next.lost.aborted).toBe(false);
    await next.release();
    await other?.release();
  });

  it('are lost with their connection, and say so', async () => {
    const { url, pool } = await useTestDatabase();
    const held = await leasesOf(url).tryAcquire('feed');
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo lease feed'`,
    );
    await eventually(() => held?.lost.aborted ?? false);
    const next = await eventually(() => acquired(leasesOf(url)));
    await next.release();
    await held?.release();
  });
});

describe('the scheduler', () => {
  it('runs a job at its ticks, one run at a time, and goes on after a failure', async () => {
    const { url } = await useTestDatabase();
    let atOnce = 0;
    let most = 0;
    let runs = 0;
    const job: Job = {
      name: 'slow',
      schedule: EVERY_SECOND,
      async run() {
        runs += 1;
        most = Math.max(most, (atOnce += 1));
        await new Promise((resolve) => setTimeout(resolve, 1_300));
        atOnce -= 1;
        deep.info('at work');
        if (runs === 1) throw new HaloError('test_failure', 'It went wrong.');
      },
    };
    const lines: { job: string; jobRunId: string; msg: string }[] = [];
    const logger = createLogger('info', {
      write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
    });
    const deep = logger.child({ component: 'deep' });
    const scheduler = createScheduler({ jobs: [job], leases: leasesOf(url), clock: systemClock, logger });
    start(scheduler);
    await eventually(() => scheduler.status()[0]?.lastError === 'It went wrong.');
    await eventually(() => runs >= 3);
    expect(most).toBe(1);
    expect(scheduler.status()[0]).toMatchObject({ name: 'slow', lastError: undefined });
    // Whatever logs on behalf of a run names it, the line of its failure too.
    const [first, failure, second] = lines;
    expect([first, failure, second].map((line) => line!.msg)).toEqual([
      'at work',
      'It went wrong.',
      'at work',
    ]);
    expect(first).toMatchObject({ job: 'slow', jobRunId: failure!.jobRunId });
    expect(second!.jobRunId).not.toBe(first!.jobRunId);
  });

  it('runs a job once at each tick, also where an instance comes late to it', async () => {
    const { url, pool } = await useTestDatabase();
    const ticks: number[] = [];
    const job: Job = {
      name: 'quick',
      schedule: EVERY_OTHER_SECOND,
      run: async () => void ticks.push(Math.floor(Date.now() / 2_000)),
    };
    const leases = leasesOf(url);
    const late: Leases = {
      async tryAcquire(name) {
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        return leases.tryAcquire(name);
      },
    };
    const times = createJobTimes(pool);
    for (const each of [leases, late])
      start(createScheduler({ jobs: [job], leases: each, times, clock: systemClock, logger }));
    await eventually(() => new Set(ticks).size === 3);
    expect(ticks).toHaveLength(3);
  });

  it('runs at the start what is overdue, and nothing else', async () => {
    const { url } = await useTestDatabase();
    const ran: string[] = [];
    const job = (name: string, schedule: string, lastRunAt: Date | undefined): Job => ({
      name,
      schedule,
      lastRunAt: async () => lastRunAt,
      run: async () => void ran.push(name),
    });
    const jobs = [
      job('never ran', NEVER_SOON, undefined),
      job('overdue', '0 * * * *', new Date(Date.now() - 7_200_000)),
      job('ran just now', NEVER_SOON, new Date()),
      { name: 'cannot tell', schedule: NEVER_SOON, run: async () => void ran.push('cannot tell') },
    ];
    const scheduler = createScheduler({ jobs, leases: leasesOf(url), clock: systemClock, logger });
    const { stop } = start(scheduler);
    await eventually(() => ran.length >= 2);
    await stop();
    expect(ran.toSorted()).toEqual(['never ran', 'overdue']);
  });

  it('runs between ticks what has become owed, once', async () => {
    const { url } = await useTestDatabase();
    let lastRunAt = new Date();
    let [looks, runs] = [0, 0];
    const job: Job = {
      name: 'cut off elsewhere',
      schedule: NEVER_SOON,
      async lastRunAt() {
        looks += 1;
        if (looks === 2) throw new Error('Postgres is away');
        return lastRunAt;
      },
      async run() {
        runs += 1;
        lastRunAt = new Date();
      },
    };
    const parts = { jobs: [job], leases: leasesOf(url), clock: systemClock, logger };
    const scheduler = createScheduler({ ...parts, lookEveryMs: 20 });
    const { stop } = start(scheduler);
    await eventually(() => looks > 4);
    expect([runs, scheduler.status()[0]!.failed]).toEqual([0, 0]);
    // The run of a former tick was cut off on an instance that is gone.
    lastRunAt = new Date(Date.now() - 9 * 365 * 86_400_000);
    await eventually(() => runs > 0);
    const seen = looks;
    await eventually(() => looks > seen + 3);
    await stop();
    expect(runs).toBe(1);
  });

  it('aborts a run when it is stopped or its lease is lost, and waits for its end', async () => {
    const { url, pool } = await useTestDatabase();
    let ended = 0;
    let begun = 0;
    const job: Job = {
      name: 'long',
      schedule: EVERY_SECOND,
      async run(signal) {
        begun += 1;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        await new Promise((resolve) => setTimeout(resolve, 100));
        ended += 1;
      },
    };
    const scheduler = createScheduler({ jobs: [job], leases: leasesOf(url), clock: systemClock, logger });
    const { stop } = start(scheduler);
    await eventually(() => begun === 1);
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo lease long'`,
    );
    await eventually(() => ended === 1 && begun === 2);
    await stop();
    expect(ended).toBe(2);
  });

  it('outlives a Postgres that is away', async () => {
    const scheduler = createScheduler({
      jobs: [{ name: 'job', schedule: EVERY_SECOND, run: async () => {} }],
      leases: leasesOf('postgres://127.0.0.1:9/none'),
      clock: systemClock,
      logger,
    });
    start(scheduler);
    await eventually(() => scheduler.status()[0]?.lastError !== undefined);
  });
});

describe('two instances with the feed', () => {
  it('make one poll between them', async () => {
    const { url, pool } = await useTestDatabase();
    const server = await useFeedServer();
    server.serve('[]', { delayMs: 300 });
    const parts = await pollerParts(pool, server.url, systemClock);
    const stops = [1, 2].map(() => {
      const jobs = [createPolisenJob({ ...parts, schedule: NEVER_SOON })];
      return start(createScheduler({ jobs, leases: leasesOf(url), clock: systemClock, logger }));
    });
    await eventually(async () => (await pool.query('SELECT id FROM feed_polls')).rowCount === 1);
    // Even an instance that comes to it after the other is done leaves the source alone.
    const job = createPolisenJob({ ...parts, schedule: '*/5 * * * *' });
    await job.run(new AbortController().signal);
    for (const { stop } of stops) await stop();
    expect(server.requests).toHaveLength(1);
    const { rows } = await pool.query('SELECT outcome, reason FROM feed_polls');
    expect(rows).toEqual([{ outcome: 'anomalous', reason: 'empty_list' }]);
  });
});
