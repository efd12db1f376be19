import pg from 'pg';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';

/** A deadlock, and a serialization failure. */
const RETRIED_SQLSTATES = new Set(['40P01', '40001']);
const MAX_ATTEMPTS = 4;

/** Does `work` in a transaction; one that Postgres ended for the sake of others is tried again as a whole. */
export async function inRetriedTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(pool, work);
    } catch (error) {
      const isRetried = error instanceof pg.DatabaseError && RETRIED_SQLSTATES.has(error.code ?? '');
      if (!isRetried || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
