import type { Job } from '../../jobs/job.ts';
import { recordedJob } from '../../jobs/recorded-run.ts';
import type { RunParts } from '../../jobs/recorded-run.ts';
import { RETENTION_JOB } from '../../jobs/run-store.ts';
import { sleep } from '../../platform/sleep.ts';
import type { RetentionPolicy } from './policy.ts';
import { sweep } from './sweep.ts';

/** After the retraining and before the morning. */
const NIGHTLY = '20 3 * * *';

/** Forgets each night what has been kept for long enough; the run's record says how many rows of what. */
export function createRetentionJob(parts: RunParts, policies: readonly RetentionPolicy[]): Job {
  const { pool, clock } = parts;
  const logger = parts.logger.child({ component: 'retention' });
  const job = recordedJob(parts, RETENTION_JOB, NIGHTLY, async (_, onProgress, signal) => {
    const swept = await sweep({ pool, policies, now: clock.now(), sleep, logger }, onProgress, signal);
    return { result: { policies: swept } };
  });
  // One that was missed is made up for at the start; the very first waits for its night, so that its operator can look before it.
  return { ...job, lastRunAt: async () => (await job.lastRunAt?.()) ?? clock.now() };
}
