import type { Job } from '../../jobs/job.ts';
import { INTERRUPTED, recordedJob } from '../../jobs/recorded-run.ts';
import type { RunParts, RunWork } from '../../jobs/recorded-run.ts';
import { RETENTION_JOB } from '../../jobs/run-store.ts';
import { sleep } from '../../platform/sleep.ts';
import type { RetentionPolicy } from './policy.ts';
import { sweep } from './sweep.ts';

/** After the retraining and before the morning. */
const NIGHTLY = '20 3 * * *';

/** Forgets each night what has been kept for long enough; the very first waits for its night, so that its operator can look before it. */
export function createRetentionJob(parts: RunParts, policies: readonly RetentionPolicy[]): Job {
  return recordedJob(parts, RETENTION_JOB, NIGHTLY, forgetting(parts, policies), { firstWaits: true });
}

/** The work of a run that forgets; its record says how many rows of what. */
export function forgetting(parts: RunParts, policies: readonly RetentionPolicy[]): RunWork {
  const { pool, clock } = parts;
  const logger = parts.logger.child({ component: 'retention' });
  return async (_, onProgress, signal) => {
    const swept = await sweep({ pool, policies, now: clock.now(), sleep, logger }, onProgress, signal);
    const result = { policies: swept };
    return signal.aborted ? { ...INTERRUPTED, result } : { result };
  };
}
