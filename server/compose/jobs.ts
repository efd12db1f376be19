import { uuidv7 } from 'uuidv7';
import type { Config } from '../config/config.ts';
import { createPolisenJob } from '../feeds/polisen/polisen-job.ts';
import type { UnknownTypes } from '../feeds/unknown-types.ts';
import type { Job } from '../jobs/job.ts';
import { createLeases } from '../jobs/lease.ts';
import { createScheduler } from '../jobs/scheduler.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import { createErasureJob } from '../privacy/erasure-job.ts';
import { createAbandonedSlotsJob } from '../replication/abandoned-slots.ts';
import { createAgeingJob } from '../reports/ageing-job.ts';
import { createReportAnonymiser } from '../reports/anonymise.ts';
import { createCrossSourceJob } from '../reports/cross-source/cross-source-job.ts';
import type { ReportWriter } from '../reports/report.ts';
import type { Closers } from './closers.ts';
import type { Storage } from './storage.ts';

/** Starts the scheduler with the house's own jobs and every one that the configuration wants. */
export function startJobs(
  config: Config,
  { databaseUrl, pool, slotName, gazetteer }: Storage,
  writer: ReportWriter,
  unknownTypes: UnknownTypes,
  clock: Clock,
  logger: Logger,
  closers: Closers,
): void {
  const jobs: Job[] = [
    createAbandonedSlotsJob(pool, slotName, logger),
    createAgeingJob(pool, clock, logger),
    createCrossSourceJob(pool, clock, logger),
    createErasureJob({ pool, reports: createReportAnonymiser(), newId: uuidv7 }, logger),
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
  const scheduler = createScheduler({ jobs, leases: createLeases({ databaseUrl, logger }), clock, logger });
  const supervised = supervise(scheduler, logger);
  closers.add('jobs', () => supervised.stop());
}
