/**
 * Work that is done on a schedule by one instance at a time. `run` resolves when the work is done and
 * rejects when it failed; it stops early when `signal` aborts.
 */
export interface Job {
  readonly name: string;
  /** Cron expression, UTC. */
  readonly schedule: string;
  run(signal: AbortSignal): Promise<void>;
}
