import { uuidv7 } from 'uuidv7';
import type { Config } from '../config/config.ts';
import { createPolisenJob } from '../feeds/polisen/polisen-job.ts';
import type { UnknownTypes } from '../feeds/unknown-types.ts';
import type { Job, Leases } from '../jobs/job.ts';
import { createJobTimes } from '../jobs/job-times.ts';
import { createScheduler } from '../jobs/scheduler.ts';
import type { Scheduler } from '../jobs/scheduler.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import { createErasureJob } from '../privacy/erasure-job.ts';
import { retentionPolicies } from '../privacy/retention/policies.ts';
import { createRetentionJob } from '../privacy/retention/retention-job.ts';
import { createAbandonedSlotsJob } from '../replication/abandoned-slots.ts';
import { createAgeingJob } from '../reports/ageing-job.ts';
import { createReportAnonymiser } from '../reports/anonymise.ts';
import { createCrossSourceJob } from '../reports/cross-source/cross-source-job.ts';
import type { ReportWriter } from '../reports/report.ts';
import type { Closers } from './closers.ts';
import type { Storage } from './storage.ts';
import { registerJobs } from './work-metrics.ts';

/** What jobs need from outside. */
export interface JobsOptions {
  readonly config: Config;
  readonly storage: Storage;
  readonly leases: Leases;
  readonly writer: ReportWriter;
  readonly unknownTypes: UnknownTypes;
  /** Jobs of other parts of the house. */
  readonly others: readonly Job[];
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** Starts the scheduler with the house's own jobs and every one that the configuration wants. */
export function startJobs(options: JobsOptions): Scheduler {
  const { config, storage, leases, writer, unknownTypes, others, clock, logger, closers } = options;
  const { pool, slotName, gazetteer } = storage;
  const reports = createReportAnonymiser();
  const recorded = { pool, newId: uuidv7, clock, logger };
  const jobs: Job[] = [
    ...others,
    createRetentionJob(recorded, retentionPolicies(config.keptDays, reports)),
    createAbandonedSlotsJob(pool, slotName, logger),
    createAgeingJob(pool, clock, logger),
    createCrossSourceJob(pool, clock, logger),
    createErasureJob({ pool, reports, newId: uuidv7 }, logger),
  ];
  if (config.polisenFeedUrl !== undefined) {
    jobs.push(
      createPolisenJob({
        pool,
        gazetteer,
        reports: writer,
        unknownTypes,
        url: config.polisenFeedUrl,
        schedule: config.polisenSchedule,
        version: config.version,
        newId: uuidv7,
        clock,
        logger,
        fetch,
      }),
    );
  }
  const scheduler = createScheduler({ jobs, leases, times: createJobTimes(pool), clock, logger });
  const supervised = supervise(scheduler, logger);
  closers.add('jobs', () => supervised.stop());
  registerJobs(options.metrics, scheduler);
  return scheduler;
}
