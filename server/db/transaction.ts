import type { Pool, Transaction } from './pool.ts';

/** Isolation of a transaction; READ COMMITTED unless said otherwise. */
export type Isolation = 'read committed' | 'repeatable read';

/**
 * Runs `work` in one transaction on a connection of `pool`: committed when it resolves, rolled back when it
 * rejects. A connection whose roll-back fails is thrown away instead of going back to the pool.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  isolation: Isolation = 'read committed',
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    const result = await work(tx);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    await tx.query('ROLLBACK').catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    });
    throw error;
  } finally {
    tx.release(broken);
  }
}
