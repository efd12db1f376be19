/** Longest wait of a live read, in milliseconds. */
export const LONG_POLL_MS = 20_000;
/** How long a reader is held whose offset this instance, or the shape, has not come to, in milliseconds. */
export const AHEAD_WAIT_MS = 10_000;
/** A snapshot whose tables keep changing under it is given up after this many attempts. */
export const SNAPSHOT_ATTEMPTS = 3;
