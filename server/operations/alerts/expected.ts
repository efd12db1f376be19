/** A feed that is to be polled, how often, and since when. */
export interface ExpectedFeed {
  readonly feed: string;
  readonly intervalMs: number;
  /** The start of the server: one that was off until now is not to blame for it. */
  readonly sinceMs: number;
}

/** A job that is to run. Times in milliseconds since 1970. */
export interface ExpectedJob {
  readonly job: string;
  /** Its first tick after a time; Infinity for none. */
  dueAfterMs(ms: number): number;
  /** The start of the server. */
  readonly sinceMs: number;
}
