import type { Session } from '@halo/shapes/protocol/users.ts';
import type { Queryable } from '../db/pool.ts';

interface SessionRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly userAgent: string | null;
  readonly app: string | null;
}

/** The sessions of a person that hold, the last used first; there is a bound on how many one has. */
export async function listSessions(
  db: Queryable,
  userId: string,
  now: Date,
  currentId?: string,
): Promise<Session[]> {
  const { rows } = await db.query<SessionRow>(
    `SELECT s.id, s.created_at AS "createdAt", s.last_used_at AS "lastUsedAt", s.expires_at AS "expiresAt",
       s.user_agent AS "userAgent", s.app
     FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL
     ORDER BY s.last_used_at DESC, s.id DESC`,
    [userId, now],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    current: row.id === currentId,
  }));
}
