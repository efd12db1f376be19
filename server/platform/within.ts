import { sleep } from './sleep.ts';

/**
 * Waits for `work`, but no longer than `ms` milliseconds: true when it has ended by then. Rejects as it does; what it does
 * after its time concerns nobody any more, and a late rejection is no fault.
 */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([work.then(() => true), sleep(ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
