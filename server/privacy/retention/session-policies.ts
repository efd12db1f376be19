import { findDue } from './find-due.ts';
import type { RetentionPolicy } from './policy.ts';

/**
 * How long a session is kept that has run out: whoever looks into an account that somebody took over finds where it was used. No client
 * needs it: a refresh token of it is refused with the same words whether it is there or not, and one of another issuer that was ended runs
 * out only when none of its tokens can be left.
 */
const ENDED_SESSION_DAYS = 30;

/** Whom nobody can be again: his session was all he had, and it is gone. One who wants to be forgotten is another job's affair. */
const NOBODY = `u.kind = 'anonymous' AND u.created_at < $1 AND u.erasing_at IS NULL
  AND NOT EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id)`;
/** What answers a resend, and what others have seen, stays with the bare id of who it was. */
const LEFT_NOTHING = `NOT EXISTS (SELECT FROM ledger l WHERE l.user_id = u.id) AND NOT EXISTS (SELECT FROM reports r WHERE r.reporter_id = u.id)
  AND NOT EXISTS (SELECT FROM comments c WHERE c.author_id = u.id)`;
const WATCHES = 'EXISTS (SELECT FROM watches w WHERE w.user_id = u.id)';

/** Log-ins that are over, and people who cannot come back. */
export function sessionPolicies(): RetentionPolicy[] {
  return [
    {
      name: 'sessions',
      says: 'sessions that ran out are deleted, with their refresh tokens',
      days: ENDED_SESSION_DAYS,
      ...findDue({ table: 'sessions', alias: 's', where: 'expires_at < $1' }),
      // Another issuer's next token may have begun it anew since it was looked for.
      async forget(tx, ids, before) {
        await tx.query('DELETE FROM sessions WHERE id = ANY ($1::uuid[]) AND expires_at < $2', [ids, before]);
      },
    },
    {
      name: 'strangers',
      says: 'people without an account whose session is gone lose their watches, and go where they have left nothing',
      days: ENDED_SESSION_DAYS,
      ...findDue({
        table: 'users',
        alias: 'u',
        where: `${NOBODY} AND (${WATCHES} OR (${LEFT_NOTHING}))`,
      }),
      async forget(tx, ids, before) {
        const these = `u.id = ANY ($2::uuid[]) AND ${NOBODY}`;
        await tx.query(`DELETE FROM watches USING users u WHERE watches.user_id = u.id AND ${these}`, [
          before,
          ids,
        ]);
        const gone = await tx.query<{ id: string }>(
          `DELETE FROM users u WHERE ${these} AND ${LEFT_NOTHING} RETURNING u.id`,
          [before, ids],
        );
        // He asked for nothing: a restore that brings the empty row back does no harm, and the next night takes it away again.
        await tx.query(`DELETE FROM removals WHERE user_id = ANY ($1::uuid[]) AND kind = 'forgotten'`, [
          gone.rows.map(({ id }) => id),
        ]);
      },
    },
  ];
}
