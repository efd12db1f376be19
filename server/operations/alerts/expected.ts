/** A feed that is to be polled. Times in milliseconds since 1970. */
export interface ExpectedFeed {
  readonly feed: string;
  /** Its first poll after a time; Infinity for none. */
  dueAfterMs(ms: number): number;
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
