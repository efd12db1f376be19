import type { Pool } from '../../db/pool.ts';
import type { RetentionPolicy } from './policy.ts';

/** Which rows a policy is about. */
export interface Rows {
  /** The table that is gone through by its `id`, and what it is called in the rest. */
  readonly table: string;
  readonly alias: string;
  readonly joins?: string;
  /** Whether a row is to be forgotten; $1 is the time that it is kept since. */
  readonly where: string;
  /** What names a row to who forgets it; its id, where nothing else is said. */
  readonly key?: string;
}

/**
 * Counts rows, and finds them a stretch of the table at a time: what was forgotten long ago stays where it is, millions of rows that a
 * search from the first would pass each time, until one takes longer than any statement may.
 */
export function findDue(rows: Rows): Pick<RetentionPolicy, 'count' | 'due'> {
  const { table, alias, joins = '', where, key = `${alias}.id` } = rows;
  const from = `FROM ${table} ${alias} ${joins} WHERE (${where})`;
  return {
    async count(pool: Pool, before: Date) {
      const counted = await pool.query<{ n: number }>(`SELECT count(*)::float8 AS n ${from}`, [before]);
      return counted.rows[0]!.n;
    },
    async due(pool: Pool, before: Date, limit: number, after: string | undefined) {
      const last = await pool.query<{ id: string }>(
        `SELECT id::text AS id FROM ${table} WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT 1 OFFSET $2`,
        [after ?? null, limit - 1],
      );
      const next = last.rows[0]?.id;
      const found = await pool.query<{ key: string }>(
        `SELECT ${key} AS key ${from} AND ($2::uuid IS NULL OR ${alias}.id > $2) AND ($3::uuid IS NULL OR ${alias}.id <= $3)
         ORDER BY ${alias}.id`,
        [before, after ?? null, next ?? null],
      );
      return { keys: found.rows.map((row) => row.key), next };
    },
  };
}
