import { DatabaseError } from 'pg';
import { backoffDelayMs } from '../platform/backoff.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { sleep } from '../platform/sleep.ts';

/** How often a transaction is tried before its caller is told to come again later. */
export const MAX_ATTEMPTS = 6;
const BACKOFF = { firstMs: 20, maxMs: 500 };

/**
 * SQLSTATEs of failures that are no fault of the statement and go away by trying the whole transaction again:
 * serialization_failure, deadlock_detected, lock_not_available.
 */
const TRANSIENT = new Set(['40001', '40P01', '55P03']);
/** A race for one mutation id between two devices: the loser finds the winner's row when it tries again. */
const LEDGER_ID_TAKEN = 'ledger_pkey';

/** Whether trying the transaction again is the cure. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  return TRANSIENT.has(error.code ?? '') || error.constraint === LEDGER_ID_TAKEN;
}

/** Runs `work` again, a bounded number of times and with growing pauses, while its failures are transient. */
export async function retryTransient<T>(
  work: () => Promise<T>,
  logger: Logger,
  random: () => number = Math.random,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (attempt + 1 >= MAX_ATTEMPTS)
        throw new HaloError('database_contended', 'The database is too busy to settle this now.', {
          status: 503,
          hint: 'Nothing was settled: send the batch again later.',
          cause: error,
        });
      logger.info({ err: error, attempt }, 'a transaction is tried again');
      await sleep(backoffDelayMs(attempt, BACKOFF, random));
    }
  }
}
