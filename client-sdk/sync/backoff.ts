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
  return Math.max(Math.round(random * ceilingMs(failures)), retryAfterMs);
}

/**
 * The same for what was answered, and wrongly: at least half of the ceiling, since each try costs the server its work,
 * and chance must not bring many of them close together.
 */
export function wrongAnswerDelayMs(failures: number, random: number): number {
  return Math.round((0.5 + random / 2) * ceilingMs(failures));
}

function ceilingMs(failures: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}
