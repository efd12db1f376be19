import type pg from 'pg';
import type { Removal } from '../../../auth/removal.ts';
import type { Queryable } from '../../../db/pool.ts';

/** Backups are kept for 12 months; no row is kept for longer, whatever else stands. */
const MAX_DAYS = 400;
/** Rows that go in one statement. */
const BATCH = 5_000;

interface Row {
  readonly id: string;
  readonly userId: string;
  readonly kind: Removal['kind'];
  readonly role: string | null;
  readonly at: Date;
}

const COLUMNS = 'id, user_id AS "userId", kind, role::text AS role, at';

/** Whether the database has the table: one that no version of this kind has migrated has not. */
export async function knowsRemovals(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('public.removals') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
}

/** The oldest rows that are in no book yet. */
export async function unwritten(db: Queryable, limit: number): Promise<Removal[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM removals WHERE written_at IS NULL ORDER BY at, id LIMIT $1`,
    [limit],
  );
  return rows.map(removalOf);
}

/** All rows since a moment, whether or not they are in a book. */
export async function rowsSince(client: pg.Client, since: Date): Promise<Removal[]> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM removals WHERE at >= $1`, [since]);
  return rows.map(removalOf);
}

/** Notes that these are in a book. */
export async function markWritten(db: Queryable, removals: readonly Removal[]): Promise<void> {
  await db.query('UPDATE removals SET written_at = now() WHERE id = ANY ($1::uuid[])', [
    removals.map(({ id }) => id),
  ]);
}

/** Deletes rows that are in a book and that no backup is older than. */
export async function dropWritten(db: Queryable, before: Date): Promise<void> {
  await dropAll(db, 'at < $1 AND written_at IS NOT NULL', before);
}

/** Deletes rows that are older than any backup that the policy keeps, written or not. */
export async function dropAncient(db: Queryable, now: Date): Promise<void> {
  await dropAll(db, 'at < $1', ancientBefore(now));
}

/** What is older than this is of no use to any backup that is kept by the policy. */
export function ancientBefore(now: Date): Date {
  return new Date(now.getTime() - MAX_DAYS * 24 * 3_600_000);
}

async function dropAll(db: Queryable, which: string, before: Date): Promise<void> {
  for (let last = BATCH; last === BATCH;) {
    const { rowCount } = await db.query(
      `DELETE FROM removals WHERE id IN (SELECT id FROM removals WHERE ${which} ORDER BY at LIMIT $2)`,
      [before, BATCH],
    );
    last = rowCount ?? 0;
  }
}

function removalOf({ role, ...row }: Row): Removal {
  return { ...row, ...(role === null ? {} : { role }) } as Removal;
}
