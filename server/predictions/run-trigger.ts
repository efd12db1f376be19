import type { Actor } from '../audit/audit-log.ts';
import type { Lease, Leases } from '../jobs/job.ts';
import { HaloError } from '../platform/errors.ts';
import { sleep } from '../platform/sleep.ts';
import type { PredictionParts } from './prediction-parts.ts';
import { beginRecorded } from '../jobs/recorded-run.ts';
import type { BegunRun, RunWork } from '../jobs/recorded-run.ts';
import { retraining, scoring } from './retrain.ts';
import { RETRAIN_JOB, runningRun, SCORE_JOB } from '../jobs/run-store.ts';
import type { RecordedJob } from '../jobs/run-store.ts';

/** How often and how long it is tried to begin a scoring that was asked for while another one runs. */
const RESCORE_EVERY_MS = 1_000;
const MAX_RESCORE_ATTEMPTS = 300;

/** Runs that people ask for, beside those of the schedule. */
export interface RunTrigger {
  /**
   * Begins a retraining and resolves with its run's id; it goes on by itself.
   *
   * @throws HaloError 409 `run_in_progress` while one runs, on whatever instance; its id is `runId`
   */
  retrain(requestedBy: Actor): Promise<string>;
  /** Has predictions made anew soon, because another model speaks for a series; asked twice before it began is once. */
  rescoreSoon(requestedBy: Actor): void;
  /** Interrupts what runs, and resolves when it has ended. */
  close(): Promise<void>;
}

/** Begins runs under the same leases as the scheduler's, so that there is one at a time over all instances. */
export function createRunTrigger(parts: PredictionParts, leases: Leases): RunTrigger {
  const { pool, logger } = parts;
  const log = logger.child({ component: 'predictions' });
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();
  let rescoreWaits = false;

  const inBackground = (work: Promise<unknown>) => {
    const settled: Promise<void> = work
      .then(
        () => {},
        (error: unknown) => log.error({ err: error, code: 'run_not_recorded' }, 'a run came to nothing'),
      )
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
  };

  const begin = async (job: RecordedJob, requestedBy: Actor) => {
    if (stopped.signal.aborted) throw new HaloError('stopping', 'The server is stopping.', { status: 503 });
    const lease = await leases.tryAcquire(job);
    if (lease === undefined) return undefined;
    try {
      return { lease, run: await beginRecorded(parts, { job, trigger: 'manual', requestedBy }) };
    } catch (error) {
      await lease.release();
      throw error;
    }
  };
  const goOn = async (begun: { readonly lease: Lease; readonly run: BegunRun }, work: RunWork) => {
    try {
      await begun.run.finish(work, AbortSignal.any([stopped.signal, begun.lease.lost]));
    } finally {
      await begun.lease.release();
    }
  };

  const rescore = async (requestedBy: Actor) => {
    const begun = await untilFree(requestedBy).finally(() => {
      rescoreWaits = false;
    });
    if (begun !== undefined) await goOn(begun, scoring(parts));
  };
  const untilFree = async (requestedBy: Actor) => {
    for (let attempt = 0; attempt < MAX_RESCORE_ATTEMPTS && !stopped.signal.aborted; attempt += 1) {
      const begun = await begin(SCORE_JOB, requestedBy);
      if (begun !== undefined) return begun;
      await sleep(RESCORE_EVERY_MS, stopped.signal);
    }
    return undefined;
  };

  return {
    async retrain(requestedBy) {
      const begun = await begin(RETRAIN_JOB, requestedBy);
      if (begun === undefined) throw inProgress(await runningRun(pool, RETRAIN_JOB));
      inBackground(goOn(begun, retraining(parts)));
      return begun.run.id;
    },
    rescoreSoon(requestedBy) {
      if (rescoreWaits) return;
      rescoreWaits = true;
      inBackground(rescore(requestedBy));
    },
    async close() {
      stopped.abort();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function inProgress(runId: string | undefined): HaloError {
  return new HaloError('run_in_progress', 'A retraining is under way.', {
    status: 409,
    hint: 'GET /api/v1/admin/jobs says how far it is.',
    details: runId === undefined ? {} : { runId },
  });
}
