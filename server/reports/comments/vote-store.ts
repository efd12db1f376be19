import type { CommentAnswer, CommentVotes, Vote } from '@halo/shapes/protocol/comments.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';

/** Of an incident, and of official events that are shown as it. */
const OF_INCIDENT = (incident: string) =>
  `incident_id IN (SELECT ${incident}::uuid UNION ALL SELECT id FROM incidents WHERE matched_to = ${incident})`;

/** The votes on the row of `comments`, and the one of the person whose placeholder is given. */
const votes = (person: string) => `
  (SELECT count(*) FROM comment_votes WHERE comment_id = comments.id AND up)::int AS up,
  (SELECT count(*) FROM comment_votes WHERE comment_id = comments.id AND NOT up)::int AS down,
  (SELECT CASE WHEN up THEN 'up' ELSE 'down' END FROM comment_votes
   WHERE comment_id = comments.id AND user_id = ${person}) AS "myVote"`;

type CommentRow = Omit<CommentAnswer, 'createdAt'> & { readonly createdAt: Date; readonly micros: number };

/** Comments on an incident that nobody has deleted, newest first. */
export async function listComments(
  db: Queryable,
  incidentId: string,
  userId: string,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: CommentAnswer; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<CommentRow>(
    `SELECT id, body, by_officer AS "byOfficer", created_at AS "createdAt", COALESCE(author_id = $2, false) AS mine,
       ${microsOf('created_at')} AS micros, ${votes('$2')}
     FROM comments
     WHERE ${OF_INCIDENT('$1')} AND deleted_at IS NULL AND ($3::float8 IS NULL OR ${comesAfter('created_at', 'id', '$3', '$4')})
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [incidentId, userId, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, ...row }) => ({
    item: { ...row, createdAt: row.createdAt.toISOString() },
    position: { micros, id: row.id },
  }));
}

/** A comment as voting needs to know it. */
export interface VotedComment {
  readonly authorId: string | null;
  readonly deleted: boolean;
}

/** A comment of an incident; undefined when there is none. */
export async function readComment(
  db: Queryable,
  incidentId: string,
  commentId: string,
): Promise<VotedComment | undefined> {
  const { rows } = await db.query<VotedComment>(
    `SELECT author_id AS "authorId", deleted_at IS NOT NULL AS deleted FROM comments
     WHERE id = $1 AND ${OF_INCIDENT('$2')}`,
    [commentId, incidentId],
  );
  return rows[0];
}

/** Gives a person's one vote on a comment; the last one counts. */
export async function writeVote(db: Queryable, commentId: string, userId: string, vote: Vote): Promise<void> {
  await db.query(
    `INSERT INTO comment_votes (comment_id, user_id, up) VALUES ($1, $2, $3)
     ON CONFLICT (comment_id, user_id) DO UPDATE SET up = EXCLUDED.up, voted_at = now() WHERE comment_votes.up <> EXCLUDED.up`,
    [commentId, userId, vote === 'up'],
  );
}

/** Takes a person's vote back, if there is one. */
export async function deleteVote(db: Queryable, commentId: string, userId: string): Promise<void> {
  await db.query('DELETE FROM comment_votes WHERE comment_id = $1 AND user_id = $2', [commentId, userId]);
}

/** How a comment stands. */
export async function readVotes(db: Queryable, commentId: string, userId: string): Promise<CommentVotes> {
  const { rows } = await db.query<CommentVotes>(`SELECT ${votes('$2')} FROM comments WHERE id = $1`, [
    commentId,
    userId,
  ]);
  return rows[0] ?? { up: 0, down: 0, myVote: null };
}
