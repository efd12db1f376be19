import type { Job } from '../jobs/job.ts';
import { recordedJob } from '../jobs/recorded-run.ts';
import { RETRAIN_JOB, SCORE_JOB } from '../jobs/run-store.ts';
import type { PredictionParts } from './prediction-parts.ts';
import { retraining, scoring } from './retrain.ts';

/** Once an hour, and not when everything else begins. */
const SCORE_SCHEDULE = '7 * * * *';

/** The nightly retraining and the hourly scoring, as jobs: the scheduler holds the lease of their name while they run. */
export function predictionJobs(parts: PredictionParts, retrainSchedule: string): Job[] {
  return [
    recordedJob(parts, RETRAIN_JOB, retrainSchedule, retraining(parts)),
    recordedJob(parts, SCORE_JOB, SCORE_SCHEDULE, scoring(parts)),
  ];
}
