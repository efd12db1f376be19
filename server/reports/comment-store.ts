import type { Transaction } from '../db/pool.ts';
import type { LiveIncident } from './transition-store.ts';

/** A comment as those who may delete it need to know it. */
export interface StoredComment {
  readonly authorId: string | null;
  readonly incidentId: string;
}

/** How many comments a person has made on an incident, the deleted ones too. */
export async function countComments(tx: Transaction, incidentId: string, authorId: string): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM comments WHERE incident_id = $1 AND author_id = $2',
    [incidentId, authorId],
  );
  return rows[0]?.n ?? 0;
}

/** Stores a comment on an incident that the transaction has locked. */
export async function insertComment(
  tx: Transaction,
  incident: Pick<LiveIncident, 'id' | 'region'>,
  comment: {
    readonly id: string;
    readonly authorId: string;
    readonly byOfficer: boolean;
    readonly body: string;
  },
): Promise<void> {
  const { id, authorId, byOfficer, body } = comment;
  await tx.query(
    `INSERT INTO comments (id, incident_id, region, author_id, by_officer, body)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, incident.id, incident.region, authorId, byOfficer, body],
  );
}

/** A comment, deleted or not; undefined when there is none. */
export async function readComment(tx: Transaction, commentId: string): Promise<StoredComment | undefined> {
  const { rows } = await tx.query<StoredComment>(
    'SELECT author_id AS "authorId", incident_id AS "incidentId" FROM comments WHERE id = $1',
    [commentId],
  );
  return rows[0];
}

/** Takes a comment out of sight, and tells whether it was in sight; who did it first is kept. */
export async function markCommentDeleted(tx: Transaction, commentId: string, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE comments SET deleted_at = now(), deleted_by = $2 WHERE id = $1 AND deleted_at IS NULL',
    [commentId, by],
  );
  return rowCount === 1;
}
