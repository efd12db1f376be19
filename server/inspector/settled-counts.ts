import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';

/** Mutations that were settled within the last hour. */
export async function countSettled(db: Queryable): Promise<Overview['mutations']> {
  const { rows } = await db.query<Overview['mutations']>(
    `SELECT count(*) FILTER (WHERE status = 'applied')::int AS "appliedLastHour",
            count(*) FILTER (WHERE status = 'rejected')::int AS "rejectedLastHour"
       FROM ledger WHERE settled_at > now() - interval '1 hour'`,
  );
  return rows[0]!;
}
