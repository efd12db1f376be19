import type { Transaction } from './pool.ts';

/**
 * Takes advisory locks that the transaction holds until its end, in ascending order, so that no two that take all of
 * theirs at once wait in a circle. One that it holds already costs no wait.
 */
export async function takeAdvisoryLocks(tx: Transaction, keys: readonly bigint[]): Promise<void> {
  if (keys.length === 0) return;
  const ascending = [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1));
  await tx.query({
    name: 'advisory_locks',
    text: 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) WITH ORDINALITY AS keys (key, place) ORDER BY place',
    values: [ascending.map(String)],
  });
}
