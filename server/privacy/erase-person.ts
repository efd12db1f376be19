import { takeAdvisoryLocks } from '../db/advisory-locks.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ReportAnonymiser } from '../reports/report.ts';

/** What erasing needs from outside. */
export interface EraseParts {
  readonly pool: Pool;
  readonly reports: ReportAnonymiser;
  readonly newId: () => string;
}

/** Reports that lose their author in one transaction. */
const BATCH = 50;

/**
 * Forgets a person. His reports stay as statements of nobody: without words, device and claimed time, and at the public point
 * of their cell, so that incidents that others know of do not vanish. Comments, watches, earlier versions, settled mutations,
 * devices, sessions and the account go. Each step is a transaction of its own, and what was begun is gone on with: the account
 * goes last. The change log drops what lies before; see `forgetErased`.
 */
export async function erasePerson(parts: EraseParts, userId: string, signal: AbortSignal): Promise<void> {
  const { pool, newId } = parts;
  while (!signal.aborted) {
    const done = await inTransaction(pool, (tx) => eraseReports(tx, parts, userId));
    if (done === 0) break;
  }
  if (signal.aborted) return;
  await inTransaction(pool, async (tx) => {
    await tx.query('DELETE FROM comments WHERE author_id = $1', [userId]);
    await tx.query('DELETE FROM users WHERE id = $1', [userId]);
  });
  // After the commit: nothing of it lies behind this place in the WAL.
  await pool.query('INSERT INTO erasures (id, lsn) VALUES ($1, pg_current_wal_insert_lsn())', [newId()]);
}

/** Takes the author off some reports; returns how many. */
async function eraseReports(tx: Transaction, { reports }: EraseParts, userId: string): Promise<number> {
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM reports WHERE reporter_id = $1 ORDER BY id LIMIT $2',
    [userId, BATCH],
  );
  const ids = rows.map(({ id }) => id);
  await takeAdvisoryLocks(tx, await reports.locks(tx, ids));
  for (const id of ids) await reports.anonymise(tx, id);
  return ids.length;
}
