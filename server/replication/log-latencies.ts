import type { Latency } from '../platform/latency.ts';

/** How long what was committed takes to get into the log. */
export interface LogLatencies {
  /** Of each transaction: from when its commit was received until it could be read. */
  readonly append: Latency;
  /** Of each sync: how long the oldest transaction that it made durable had waited. */
  readonly durable: Latency;
}
