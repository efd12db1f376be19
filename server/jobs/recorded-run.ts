import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import { logContext, withLogContext } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import type { Job } from './job.ts';
import { createProgressWriter } from './report-progress.ts';
import { beginRun, finishRun, lastRun, reportProgress, RUN_INTERRUPTED } from './run-store.ts';
import type { NewRun, RecordedJob, RunEnd } from './run-store.ts';

/** Instances tick at the same time, as far as their clocks agree: whoever comes second within this has nothing to do. */
const MIN_SPACING_MS = 30_000;

/** What runs are recorded with. */
export interface RunParts {
  readonly pool: Pool;
  /** Makes a UUIDv7. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The end of a run that was cut off. Work that ends early by itself when it is told to resolves with it, and what it came to. */
export const INTERRUPTED = {
  code: RUN_INTERRUPTED,
  error: 'The server was stopped, or its lease was lost, before the run was done.',
} as const;

/** Hears how far something is: what it does now, and the share that is done, 0 to 1. */
export type OnProgress = (step: string, share: number) => void;

/** What a run does; it resolves with how it ended, or rejects when it failed. */
export type RunWork = (runId: string, onProgress: OnProgress, signal: AbortSignal) => Promise<RunEnd>;

/** A run whose record says that it has begun. */
export interface BegunRun {
  readonly id: string;
  /** Does the work and records how it ended; resolves with that, and rejects only when it cannot be recorded. */
  finish(work: RunWork, signal: AbortSignal): Promise<RunEnd>;
}

/**
 * Begins a run of a job whose lease the caller holds until `finish` has settled. Runs that a dead holder left are marked
 * abandoned. A failure is logged as an error with its code, whatever it is.
 */
export async function beginRecorded(
  { pool, clock, logger, newId }: RunParts,
  begun: Omit<NewRun, 'id'>,
): Promise<BegunRun> {
  const log = logger.child({ component: 'jobs' });
  const id = newId();
  const named = <T>(run: () => T) => withLogContext({ ...logContext(), job: begun.job, runId: id }, run);
  const abandoned = await beginRun(pool, { id, ...begun }, clock.now());
  named(() => {
    for (const runId of abandoned) log.error({ runId, code: 'run_abandoned' }, 'a run has lost its instance');
    log.info({ trigger: begun.trigger }, 'a run has begun');
  });

  const attempt = async (work: RunWork, signal: AbortSignal): Promise<RunEnd> => {
    const progress = createProgressWriter(
      (step, share) => reportProgress(pool, id, step, share),
      () => clock.now().getTime(),
      (error) => log.warn({ err: error }, 'progress could not be written'),
    );
    try {
      const end = await work(id, progress.report, signal);
      // It went through to its end, and yet something of it failed.
      if ('code' in end) log.error({ code: end.code, reason: end.error }, 'a run failed');
      return end;
    } catch (error) {
      const end = failureOf(error, signal);
      log.error({ err: error, code: end.code }, 'a run failed');
      return end;
    } finally {
      await progress.settle();
    }
  };
  return {
    id,
    finish: (work, signal) =>
      named(async () => {
        const end = await attempt(work, signal);
        if (!(await finishRun(pool, id, end, clock.now())))
          log.error({ code: 'run_superseded' }, 'a run ended after another instance had taken over');
        else log.info({ result: end.result }, 'a run has ended');
        return end;
      }),
  };
}

function failureOf(error: unknown, signal: AbortSignal): Extract<RunEnd, { code: string }> {
  if (signal.aborted) return INTERRUPTED;
  // What nobody foresaw, in a thread too, may name hosts and paths: only the log has its text.
  if (isHaloError(error) && error.code !== 'internal') return { code: error.code, error: error.message };
  return { code: 'internal', error: 'It failed for a reason that only the log tells.' };
}

/**
 * A job whose runs leave a record; the scheduler holds the lease of its name while it runs. What a stop cut off is owed: an instance that
 * starts, or runs, makes up for it. Where none was ever begun, so is the first, unless `firstWaits` for its time.
 */
export function recordedJob(
  parts: RunParts,
  job: RecordedJob,
  schedule: string,
  work: RunWork,
  { firstWaits = false }: { readonly firstWaits?: boolean } = {},
): Job {
  const { pool, clock } = parts;
  return {
    name: job,
    schedule,
    async lastRunAt() {
      const { at, any } = await lastRun(pool, job);
      return firstWaits && !any ? clock.now() : at;
    },
    async run(signal) {
      const { at } = await lastRun(pool, job);
      const sinceMs = at === undefined ? Infinity : clock.now().getTime() - at.getTime();
      if (sinceMs >= 0 && sinceMs < MIN_SPACING_MS) return;
      const run = await beginRecorded(parts, { job, trigger: 'schedule', requestedBy: null });
      const end = await run.finish(work, signal);
      if ('code' in end) throw new HaloError(end.code, end.error);
    },
  };
}
