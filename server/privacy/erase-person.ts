import { forgetInAuditLog } from '../audit/audit-log.ts';
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

/** Reports that lose their author, and notes that go, in one transaction. */
const BATCH = 50;

/**
 * Forgets a person. His reports stay as statements of nobody: without words, device and claimed time, and at the public point
 * of their cell, so that incidents that others know of do not vanish. What he decided as an officer stays likewise, without his notes. Comments, watches, earlier versions, settled mutations,
 * devices, sessions, invitations, secrets and the account go; entries of the audit log lose who it was. Each step is a transaction of its own, and what was begun is gone on with: the account
 * goes last. The change log drops what lies before; see `forgetErased`.
 *
 * @returns false where `signal` has ended it before all was done
 */
export async function erasePerson(parts: EraseParts, userId: string, signal: AbortSignal): Promise<boolean> {
  const { pool, newId } = parts;
  const erasureId = newId();
  let isGone = false;
  while (!isGone) {
    if (signal.aborted) return false;
    const done = await inTransaction(
      pool,
      async (tx) => (await eraseReports(tx, parts, userId)) + (await eraseNotes(tx, userId)),
    );
    if (done === 0) isGone = await inTransaction(pool, (tx) => eraseRest(tx, userId, erasureId));
  }
  // And behind its commit, which is in the log, too.
  await pool.query('UPDATE erasures SET lsn = pg_current_wal_insert_lsn() WHERE id = $1', [erasureId]);
  return true;
}

/** Removes the account and what goes with it; false where a report or a note has come meanwhile, from a request that was let in before. */
async function eraseRest(tx: Transaction, userId: string, erasureId: string): Promise<boolean> {
  // As those who write do: the device, then the person. From here on nothing of his can be stored.
  await tx.query('SELECT FROM devices WHERE user_id = $1 ORDER BY id FOR UPDATE', [userId]);
  await tx.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [userId]);
  const { rowCount } = await tx.query(
    `(SELECT FROM reports WHERE reporter_id = $1 LIMIT 1) UNION ALL
     (SELECT FROM incident_transitions WHERE actor_id = $1 AND note <> '' LIMIT 1)`,
    [userId],
  );
  if (rowCount !== 0) return false;
  await tx.query('DELETE FROM comments WHERE author_id = $1', [userId]);
  await forgetInAuditLog(tx, userId);
  await tx.query(
    `INSERT INTO erased_subjects (hash, erased_at) SELECT subject_hash(issuer, subject), clock_timestamp() FROM users
     WHERE id = $1 AND issuer IS NOT NULL ON CONFLICT (hash) DO UPDATE SET erased_at = EXCLUDED.erased_at`,
    [userId],
  );
  await tx.query('DELETE FROM users WHERE id = $1', [userId]);
  // That he was forgotten stays, by his id alone: or a restore would bring him back (decision 0070).
  await tx.query(`DELETE FROM removals WHERE user_id = $1 AND kind <> 'forgotten'`, [userId]);
  // With the account, or a crash would leave nobody who knows that the log must forget.
  await tx.query('INSERT INTO erasures (id, lsn) VALUES ($1, pg_current_wal_insert_lsn())', [erasureId]);
  return true;
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

/** Takes the words off some of what he decided; returns how many. */
async function eraseNotes(tx: Transaction, userId: string): Promise<number> {
  const { rowCount } = await tx.query(
    `UPDATE incident_transitions SET note = '' WHERE id IN
       (SELECT id FROM incident_transitions WHERE actor_id = $1 AND note <> '' ORDER BY id LIMIT $2)`,
    [userId, BATCH],
  );
  return rowCount ?? 0;
}
