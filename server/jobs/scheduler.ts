import { randomUUID } from 'node:crypto';
import { defaultMaxListeners, setMaxListeners } from 'node:events';
import { Cron } from 'croner';
import type { Clock } from '../platform/clock.ts';
import { isHaloError, messageOf } from '../platform/errors.ts';
import { withLogContext } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { dueAfter } from './due-after.ts';
import type { Job, JobTimes, Leases } from './job.ts';

/** What a job does now, and how its last run on this instance ended. */
export interface JobStatus {
  readonly name: string;
  readonly schedule: string;
  readonly running: boolean;
  readonly lastStartedAt: Date | undefined;
  readonly lastFinishedAt: Date | undefined;
  /** How the runs on this instance ended since the start. */
  readonly succeeded: number;
  readonly failed: number;
  readonly lastSucceededAt: Date | undefined;
  readonly lastFailedAt: Date | undefined;
  /** Text of the failure that the last run ended with; undefined when it went well. */
  readonly lastError: string | undefined;
}

/** Runs jobs on their schedules; a service, supervised like all others. */
export interface Scheduler extends Service {
  status(): readonly JobStatus[];
  /** What is to run, and when. */
  expected(): readonly ExpectedJob[];
}

/** A job that is to run. */
export interface ExpectedJob {
  readonly job: string;
  /** Its first tick after a time, both in milliseconds since 1970; Infinity for none. */
  dueAfterMs(ms: number): number;
}

/** What the scheduler needs from outside. */
export interface SchedulerParts {
  readonly jobs: readonly Job[];
  readonly leases: Leases;
  /** Undefined: it is written down nowhere. */
  readonly times?: JobTimes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks for what is owed. */
  readonly lookEveryMs?: number;
}

type MutableStatus = { -readonly [Key in keyof JobStatus]: JobStatus[Key] };

/** Timers hold at most 2^31 - 1 ms; a longer wait is cut into pieces, which also follows a changed clock. */
const MAX_SLEEP_MS = 3_600_000;
/** How often it is looked whether a run is owed: one that was cut off on an instance that is gone. */
const LOOK_EVERY_MS = 600_000;
/** Clocks of instances differ, so that one's tick may come before the other's: what began so shortly before a tick was its run. */
const MAX_SPACING_MS = 30_000;
/** Share of the time between two ticks that runs must be apart. */
const SPACING_SHARE = 0.5;

/**
 * Makes the scheduler. Each job has a loop of its own, so that its runs never overlap: a tick that comes
 * while it runs is left out. Stopping aborts the runs and waits until they have returned. A run that fails is
 * logged, and the next one comes at its time. What is overdue, by what the job itself knows, is made up for at the start and between ticks.
 */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { jobs, leases, times, clock, logger, lookEveryMs = LOOK_EVERY_MS } = parts;
  const log = logger.child({ component: 'jobs' });
  const entries = jobs.map((job) => ({ job, status: initialStatus(job) }));

  /** @param due the tick that it is for; undefined for what is made up for. */
  const attempt = async ({ job, status }: (typeof entries)[number], stop: AbortSignal, due?: Date) => {
    const lease = await leases.tryAcquire(job.name);
    if (lease === undefined) {
      log.debug('another instance runs this job');
      return;
    }
    try {
      // An instance may come late to its tick, when the run is over and the lease free.
      const withinMs =
        due === undefined ? 0 : clock.now().getTime() - due.getTime() + spacingMs(job.schedule, due);
      if (times === undefined || (await times.began(job.name, withinMs)))
        await runNoting({ ...parts, logger: log }, job, status, AbortSignal.any([stop, lease.lost]));
      else log.debug('another instance has run this job');
    } finally {
      await lease.release();
    }
  };

  const loop = async (entry: (typeof entries)[number], stop: AbortSignal) => {
    const { job, status } = entry;
    const cron = new Cron(job.schedule, { timezone: 'UTC', paused: true });
    const runOnce = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        if (stop.aborted) return;
        status.lastError = messageOf(error);
        status.failed += 1;
        status.lastFailedAt = clock.now();
        // A failure with a code is foreseen (a source that is away); anything else is for a developer.
        if (isHaloError(error)) log.info({ code: error.code }, error.message);
        else log.error({ err: error }, 'a job failed');
      }
    };
    // Also of its failure, which is logged here.
    const named = (work: () => Promise<void>) =>
      withLogContext({ job: job.name, jobRunId: randomUUID() }, work);
    await named(() =>
      runOnce(async () => {
        if (await isOverdue(job, cron, clock)) await attempt(entry, stop);
      }),
    );
    const makeUp = async () => {
      if (await isOwed(job, cron, clock, log)) await attempt(entry, stop);
    };
    while (!stop.aborted) {
      const next = cron.nextRun(clock.now());
      const look = new Date(clock.now().getTime() + lookEveryMs);
      const tick = next !== null && next <= look ? next : undefined;
      await sleepUntil(tick ?? look, clock, stop);
      if (!stop.aborted)
        await named(() => runOnce(tick === undefined ? makeUp : () => attempt(entry, stop, tick)));
    }
  };

  return {
    name: 'jobs',
    expected: () => entries.map(({ job }) => ({ job: job.name, dueAfterMs: dueAfter(job.schedule) })),
    status: () => entries.map(({ status }) => ({ ...status })),
    async run(signal) {
      // Each job waits by it: more of them than Node takes for a leak.
      setMaxListeners(entries.length + defaultMaxListeners, signal);
      if (entries.length === 0) return sleepUntilAborted(signal);
      await Promise.all(entries.map((entry) => loop(entry, signal)));
    },
  };
}

/** Does the work of a job, and notes when and how it ended; rejects as it does. */
async function runNoting(
  { times, clock, logger }: Pick<SchedulerParts, 'times' | 'clock' | 'logger'>,
  job: Job,
  status: MutableStatus,
  signal: AbortSignal,
): Promise<void> {
  status.running = true;
  status.lastStartedAt = clock.now();
  let failed = true;
  try {
    await job.run(signal);
    failed = false;
    status.lastError = undefined;
    status.succeeded += 1;
    status.lastSucceededAt = clock.now();
  } finally {
    status.running = false;
    status.lastFinishedAt = clock.now();
    await noteEnd(times, logger, job.name, failed);
  }
}

/** What it did is done: that its end could not be written down makes no failure of it. */
async function noteEnd(
  times: JobTimes | undefined,
  log: Logger,
  job: string,
  failed: boolean,
): Promise<void> {
  try {
    await times?.ended(job, failed);
  } catch (error) {
    log.info({ reason: messageOf(error) }, 'the end of a run could not be written down');
  }
}

function initialStatus({ name, schedule }: Job): MutableStatus {
  return {
    name,
    schedule,
    running: false,
    lastStartedAt: undefined,
    lastFinishedAt: undefined,
    succeeded: 0,
    failed: 0,
    lastSucceededAt: undefined,
    lastFailedAt: undefined,
    lastError: undefined,
  };
}

/** True when a tick went by since the job last ran, or when it never ran. */
async function isOverdue(job: Job, cron: Cron, clock: Clock): Promise<boolean> {
  if (job.lastRunAt === undefined) return false;
  const lastRunAt = await job.lastRunAt();
  if (lastRunAt === undefined) return true;
  const next = cron.nextRun(lastRunAt);
  return next !== null && next <= clock.now();
}

/** As `isOverdue`; what cannot be looked for now is looked for again, and no run has failed by it. */
async function isOwed(job: Job, cron: Cron, clock: Clock, log: Logger): Promise<boolean> {
  try {
    return await isOverdue(job, cron, clock);
  } catch (error) {
    log.debug({ reason: messageOf(error) }, 'it could not be seen whether a run is owed');
    return false;
  }
}

/** How long before its tick a run may have begun and be that tick's. */
function spacingMs(schedule: string, due: Date): number {
  const next = new Cron(schedule, { timezone: 'UTC', paused: true }).nextRun(due);
  return Math.min(MAX_SPACING_MS, SPACING_SHARE * ((next?.getTime() ?? Infinity) - due.getTime()));
}

async function sleepUntil(instant: Date, clock: Clock, stop: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = instant.getTime() - clock.now().getTime();
    if (leftMs <= 0 || stop.aborted) return;
    await sleep(Math.min(leftMs, MAX_SLEEP_MS), stop);
  }
}

async function sleepUntilAborted(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) await sleep(MAX_SLEEP_MS, stop);
}
