import type { Job } from '../../jobs/job.ts';
import { INTERRUPTED, recordedJob } from '../../jobs/recorded-run.ts';
import type { RunParts, RunWork } from '../../jobs/recorded-run.ts';
import { RETENTION_JOB } from '../../jobs/run-store.ts';
import { sleep } from '../../platform/sleep.ts';
import type { RetentionPolicy } from './policy.ts';
import { sweep } from './sweep.ts';
import type { SweepParts } from './sweep.ts';

/** After the retraining and before the morning. */
const NIGHTLY = '20 3 * * *';
/** A run that has more to forget goes on into the day, as gently as by night; one that begins at its tick is over hours before the next. */
const MAX_RUN_MS = 18 * 3_600_000;

/** How a run reckons time; tests say otherwise. */
export type SweepTimes = Pick<SweepParts, 'maxMs' | 'monotonicMs' | 'sleep'>;
const TIMES: SweepTimes = { maxMs: MAX_RUN_MS, monotonicMs: () => performance.now(), sleep };

/** Forgets each night what has been kept for long enough; the very first waits for its night, so that its operator can look before it. */
export function createRetentionJob(
  parts: RunParts,
  policies: readonly RetentionPolicy[],
  times: SweepTimes = TIMES,
): Job {
  return recordedJob(parts, RETENTION_JOB, NIGHTLY, forgetting(parts, policies, times), { firstWaits: true });
}

/**
 * The work of a run that forgets; its record says how many rows of what. One whose time was over before all was forgotten has failed,
 * `retention_behind`, whatever it did: people were promised the days, and somebody must hear that they are not kept.
 */
export function forgetting(
  parts: RunParts,
  policies: readonly RetentionPolicy[],
  times: SweepTimes = TIMES,
): RunWork {
  const { pool, clock } = parts;
  const logger = parts.logger.child({ component: 'retention' });
  return async (_, onProgress, signal) => {
    const swept = await sweep({ pool, policies, now: clock.now(), logger, ...times }, onProgress, signal);
    const result = { policies: swept };
    if (signal.aborted) return { ...INTERRUPTED, result };
    const left = swept.filter(({ more }) => more).map(({ name }) => name);
    if (left.length === 0) return { result };
    const error = `Its time was over before all was forgotten; some is left of: ${left.join(', ')}.`;
    return { code: 'retention_behind', error, result };
  };
}
