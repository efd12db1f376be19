import type { Job } from '../jobs/job.ts';
import { HaloError } from '../platform/errors.ts';
import type { PredictionParts } from './prediction-parts.ts';
import { beginRecorded } from './recorded-run.ts';
import type { RunWork } from './recorded-run.ts';
import { retraining, scoring } from './retrain.ts';
import { lastRunAt, RETRAIN_JOB, SCORE_JOB } from './run-store.ts';
import type { RecordedJob } from './run-store.ts';

/** Once an hour, and not when everything else begins. */
const SCORE_SCHEDULE = '7 * * * *';
/** Instances tick at the same time, as far as their clocks agree: whoever comes second within this has nothing to do. */
const MIN_SPACING_MS = 30_000;

/** The nightly retraining and the hourly scoring, as jobs: the scheduler holds the lease of their name while they run. */
export function predictionJobs(parts: PredictionParts, retrainSchedule: string): Job[] {
  return [
    recordedJob(parts, RETRAIN_JOB, retrainSchedule, retraining(parts)),
    recordedJob(parts, SCORE_JOB, SCORE_SCHEDULE, scoring(parts)),
  ];
}

function recordedJob(parts: PredictionParts, job: RecordedJob, schedule: string, work: RunWork): Job {
  const { pool, clock } = parts;
  return {
    name: job,
    schedule,
    lastRunAt: () => lastRunAt(pool, job),
    async run(signal) {
      const last = await lastRunAt(pool, job);
      const sinceMs = last === undefined ? Infinity : clock.now().getTime() - last.getTime();
      if (sinceMs >= 0 && sinceMs < MIN_SPACING_MS) return;
      const run = await beginRecorded(parts, { job, trigger: 'schedule', requestedBy: null });
      const end = await run.finish(work, signal);
      if ('code' in end) throw new HaloError(end.code, end.error);
    },
  };
}
