/**
 * Work that is done on a schedule by one instance at a time. `run` resolves when the work is done and
 * rejects when it failed; it stops early when `signal` aborts.
 */
export interface Job {
  readonly name: string;
  /** Cron expression, UTC. */
  readonly schedule: string;
  run(signal: AbortSignal): Promise<void>;
  /**
   * When any instance last began this work, other than a run that a stop cut off; undefined when none ever did. A job that
   * can tell is run at the start of the server, and between ticks, when it is overdue; one that cannot waits for its schedule.
   */
  lastRunAt?(): Promise<Date | undefined>;
}

/** What Postgres calls the session that holds a lease, before the lease's name; whoever wants to see who holds one looks for it. */
export const LEASE_SESSION = 'halo lease ';

/** The right to do something that only one instance does at a time. */
export interface Lease {
  /** Aborts when the lease is lost: from then on another instance may hold it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Gives out leases by name. */
export interface Leases {
  /** Takes the lease, or returns undefined at once when another holds it; rejects when Postgres is away. */
  tryAcquire(name: string): Promise<Lease | undefined>;
}

/** Where it is written down when the work of a job began and ended, for all instances to see. */
export interface JobTimes {
  /**
   * To be called under the job's lease. False, and nothing is written, where an instance began the same work within the last
   * `withinMs`: that run was this one's.
   */
  began(job: string, withinMs: number): Promise<boolean>;
  ended(job: string, failed: boolean): Promise<void>;
}
