import type { User, UserKind, UserState } from '@halo/shapes/protocol/users.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';

/** What narrows the list of accounts; all that is given holds. */
export interface UserFilter {
  /** How the e-mail address begins, in lower case. */
  readonly email?: string | undefined;
  readonly role?: Role | undefined;
  readonly kind?: UserKind | undefined;
  readonly state?: UserState | undefined;
}

type UserRow = Omit<User, 'createdAt' | 'disabledAt' | 'lastUsedAt'> & {
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly lastUsedAt: Date | null;
};

const STATE = `CASE WHEN u.erasing_at IS NOT NULL THEN 'erasing' WHEN u.disabled_at IS NOT NULL THEN 'disabled' ELSE 'active' END`;

const columns = (
  now: string,
) => `u.id, u.kind, u.email, u.display_name AS "displayName", u.role::text AS role, ${STATE} AS state,
  u.issuer, u.created_at AS "createdAt", u.disabled_at AS "disabledAt",
  (SELECT max(s.last_used_at) FROM sessions s WHERE s.user_id = u.id) AS "lastUsedAt",
  (SELECT count(*)::int FROM sessions s WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > ${now}
     AND u.disabled_at IS NULL) AS sessions,
  (SELECT count(*)::int FROM service_tokens t WHERE t.created_by = u.id AND t.revoked_at IS NULL AND t.expires_at > ${now})
    AS "serviceTokens"`;

/** Accounts that come after a position, the newest first. */
export async function listUsers(
  db: Queryable,
  { email, role, kind, state }: UserFilter,
  now: Date,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: User; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<UserRow & { micros: number }>(
    `SELECT ${columns('$1')}, ${microsOf('u.created_at')} AS micros FROM users u
     WHERE ($2::text IS NULL OR u.email LIKE $2) AND ($3::user_role IS NULL OR u.role = $3) AND ($4::text IS NULL OR u.kind = $4)
       AND ($5::text IS NULL OR ${STATE} = $5)
       AND ($6::float8 IS NULL OR ${comesAfter('u.created_at', 'u.id', '$6', '$7')})
     ORDER BY u.created_at DESC, u.id DESC LIMIT $8`,
    [
      now,
      email === undefined ? null : `${email.replaceAll(/[\\%_]/g, '\\$&')}%`,
      role ?? null,
      kind ?? null,
      state ?? null,
      after?.micros ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows.map(({ micros, ...row }) => ({ item: userOf(row), position: { micros, id: row.id } }));
}

/** One account; undefined when there is none. */
export async function findUserById(db: Queryable, id: string, now: Date): Promise<User | undefined> {
  const { rows } = await db.query<UserRow>(`SELECT ${columns('$2')} FROM users u WHERE u.id = $1`, [id, now]);
  return rows[0] === undefined ? undefined : userOf(rows[0]);
}

function userOf(row: UserRow): User {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    disabledAt: row.disabledAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
