import { replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ReplicaTransaction } from '../replica-database.ts';
import { foldSubjects } from './fold-subjects.ts';
import { OPTIMISTIC_VIEWS } from './optimistic-views.ts';
import type { Subject } from './optimistic-views.ts';

/** Most mutations that were told of and wait for a shape that does not come on, say one that is refused by now. */
const MAX_TOLD = 1_000;

/**
 * Drops the pending mutations whose effect the rows have now; to be run in the transaction that brings them. A
 * mutation's result and its effect are of one transaction, and shapes that are followed come to it together. One that
 * is not as far yet (it is being read anew, or has lost contact) is waited for, so that no effect is out of sight in
 * between. A row of the mutation's own id says the same by itself, and so does the row that it is about, as of then or
 * later: another region of its shape may never come. Returns the shapes that show other rows now.
 */
export async function giveWay(tx: ReplicaTransaction): Promise<string[]> {
  const { rows: pending } = await tx.query('SELECT 1 AS one FROM local.pending LIMIT 1');
  if (pending.length === 0) return [];
  const { rows: rejected } = await tx.query<Subject>(
    `DELETE FROM local.pending p USING ${RESULTS} AND m.status = 'rejected' RETURNING ${SUBJECT}`,
  );
  await tx.query(
    `UPDATE local.pending p SET told = COALESCE(c.lsn::numeric, 0) FROM ${RESULTS} AND p.told IS NULL`,
  );
  const { rows: brought } = await tx.query<Subject>(
    `DELETE FROM local.pending p WHERE ${SEEN}
       OR p.told IS NOT NULL AND NOT EXISTS (
         SELECT FROM local.cursors c
         WHERE c.shape = p.shape AND (c.snapshot IS NULL OR c.lsn::numeric < p.told))
       OR p.id IN (SELECT id FROM local.pending WHERE told IS NOT NULL ORDER BY seq DESC OFFSET ${MAX_TOLD})
     RETURNING ${SUBJECT}`,
  );
  return foldSubjects(tx, [...rejected, ...brought]);
}

/** Whether the result of one of these mutations is in sight. */
export async function isTold(
  tx: ReplicaTransaction,
  mutations: readonly { readonly id: string }[],
): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT 1 AS one FROM synced.my_mutations m JOIN local.cursors c ON c.snapshot = m._snapshot
     WHERE m.id = ANY ($1::uuid[]) LIMIT 1`,
    [mutations.map(({ id }) => id)],
  );
  return rows.length > 0;
}

const SUBJECT = 'p.shape, p.subject::text AS id';

/** The results that are in sight, beside the pending mutations `p`. */
const RESULTS = `synced.my_mutations m JOIN local.cursors c ON c.snapshot = m._snapshot WHERE m.id = p.id`;

/** The row is in sight that the mutation has made, or the one that it is about, as of then or later. */
const SEEN = [...OPTIMISTIC_VIEWS.keys()]
  .map(
    (name) => `(p.shape = '${name}' AND (p.subject = p.id OR p.told IS NOT NULL) AND EXISTS (
      SELECT FROM ${replicaTableName({ name })} r JOIN local.cursors c ON c.snapshot = r._snapshot
      WHERE r.id = p.subject AND (p.subject = p.id OR c.lsn::numeric >= p.told)))`,
  )
  .join(' OR ');
