import type { Environment } from './environment.ts';

/** Longest that a queued or a settled mutation waits until the replica shows it, in milliseconds. */
export const SHOW_LIMIT_MS = 1_000;

/** Waits for `work`, which never rejects, but no longer than `limitMs`: it then goes on by itself. */
export async function waitAtMost(
  work: Promise<void>,
  limitMs: number,
  sleep: Environment['sleep'],
): Promise<void> {
  const done = new AbortController();
  await Promise.race([work.finally(() => done.abort()), sleep(limitMs, done.signal)]);
}
