import type { Transaction } from './pool.ts';

/**
 * Rows that this session has inserted, updated and deleted of late, in all tables, those of triggers and cascades among them. Only the
 * difference of two such numbers of one transaction means anything; it is 0 where Postgres counts nothing (`track_counts`).
 */
export async function changedRows(tx: Transaction): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::float8 AS n FROM pg_stat_xact_user_tables',
  );
  return rows[0]!.n;
}
