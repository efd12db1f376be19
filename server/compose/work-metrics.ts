import type { BoundedPool } from '../db/bounded-pool.ts';
import type { JobStatus, Scheduler } from '../jobs/scheduler.ts';
import type { MutationTally } from '../mutations/mutation-tally.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Latency } from '../platform/latency.ts';
import type { ReadPath } from './read-path.ts';

/** How what was written came to be, and how long it took. */
export function registerMutations(metrics: Metrics, tally: MutationTally): void {
  metrics.counters(
    'halo_mutations_total',
    'Mutations answered: applied, replayed (settled before), or the code of the rejection',
    () => tally.counts(),
    'result',
  );
  metrics.latency(
    'halo_mutations_settle_seconds',
    'From when a batch, or a request of one mutation, is checked until it is committed',
    tally.settling,
  );
}

/** How long transactions take through the read path. `deliveries` is of the named shapes' routes. */
export function registerLatencies(metrics: Metrics, { replication }: ReadPath, deliveries: Latency): void {
  metrics.latency(
    'halo_change_log_append_seconds',
    'Of each transaction: from when its commit was received until it could be read from the log',
    replication.latencies.append,
  );
  metrics.latency(
    'halo_change_log_durable_seconds',
    'Of each sync: how long the oldest transaction that it made durable had waited since its commit was received',
    replication.latencies.durable,
  );
  metrics.latency(
    'halo_shape_delivery_seconds',
    'Of each long poll that news ended: from when they could be read from the log until the system had the whole answer',
    deliveries,
  );
}

/** Whether there are connections enough. */
export function registerPool(metrics: Metrics, pool: BoundedPool): void {
  metrics.gauges('halo_db_connections', 'Connections of the pool, and who waits for one', 'state', () => ({
    busy: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    awaited: pool.waitingCount,
  }));
  metrics.latency('halo_db_connection_wait_seconds', 'How long a connection was waited for', pool.waits);
}

/** How the jobs of this instance ended; the records of runs over all instances are in Postgres. */
export function registerJobs(metrics: Metrics, scheduler: Scheduler): void {
  const byJob = (read: (status: JobStatus) => number) => () =>
    Object.fromEntries(scheduler.status().map((status) => [status.name, read(status)]));
  const secondsOf = (at: Date | undefined) => (at === undefined ? 0 : at.getTime() / 1000);
  const succeeded = byJob((status) => status.succeeded);
  metrics.counters('halo_jobs_succeeded_total', 'Runs of jobs here that went well', succeeded, 'job');
  const failed = byJob((status) => status.failed);
  metrics.counters('halo_jobs_failed_total', 'Runs of jobs here that failed', failed, 'job');
  metrics.gauges(
    'halo_job_last_success_timestamp_seconds',
    'When a run last went well here; 0 for not since the start',
    'job',
    byJob((status) => secondsOf(status.lastSucceededAt)),
  );
  metrics.gauges(
    'halo_job_last_failure_timestamp_seconds',
    'When a run last failed here; 0 for not since the start',
    'job',
    byJob((status) => secondsOf(status.lastFailedAt)),
  );
}
