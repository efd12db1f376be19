/** First and largest ceiling of the back-off, in milliseconds. */
const FIRST_MS = 500;
const MAX_MS = 30_000;

/** Between tries of something that was refused: only a person can change the answer. */
export const REFUSED_RETRY_MS = 60_000;

/**
 * Delay before the next try after `failures` in a row (1 or more), with full jitter over an exponential
 * ceiling, so that devices that lost the network together do not come back together. A server's own wish
 * (`Retry-After`) is the least delay.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(Math.round(random * ceiling), retryAfterMs);
}
