import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Invitation, InvitationState } from '@halo/shapes/protocol/users.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';

/** Invitations that came to nothing are kept for so long after they ran out. */
const KEPT_DAYS = 30;

type InvitationRow = Omit<Invitation, 'createdAt' | 'expiresAt' | 'acceptedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
};

const stateAt = (
  now: string,
) => `CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN revoked_at IS NOT NULL THEN 'revoked'
  WHEN expires_at <= ${now} THEN 'expired' ELSE 'open' END`;

const columns = (
  now: string,
) => `id, email, role::text AS role, ${stateAt(now)} AS state, invited_by AS "invitedBy",
  created_at AS "createdAt", expires_at AS "expiresAt", accepted_by AS "acceptedBy", accepted_at AS "acceptedAt"`;

/** Invitations that come after a position, the newest first. */
export async function listInvitations(
  db: Queryable,
  state: InvitationState | undefined,
  now: Date,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: Invitation; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<InvitationRow & { micros: number }>(
    `SELECT ${columns('$1')}, ${microsOf('created_at')} AS micros FROM invitations
     WHERE ($2::text IS NULL OR ${stateAt('$1')} = $2) AND ($3::float8 IS NULL OR ${comesAfter('created_at', 'id', '$3', '$4')})
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [now, state ?? null, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, ...row }) => ({ item: answerOf(row), position: { micros, id: row.id } }));
}

/** One invitation, locked until the transaction ends where there is one; undefined when there is none. */
export async function lockInvitation(
  tx: Queryable,
  by: { readonly id: string } | { readonly tokenHash: Buffer },
  now: Date,
): Promise<Invitation | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['token_hash', by.tokenHash];
  const { rows } = await tx.query<InvitationRow>(
    `SELECT ${columns('$2')} FROM invitations WHERE ${column} = $1 FOR UPDATE`,
    [value, now],
  );
  return rows[0] === undefined ? undefined : answerOf(rows[0]);
}

/** How many are open, once those that are long over have been cleared away. */
export async function countOpen(tx: Queryable, now: Date): Promise<number> {
  await tx.query(
    'DELETE FROM invitations WHERE accepted_at IS NULL AND expires_at < $1::timestamptz - make_interval(days => $2)',
    [now, KEPT_DAYS],
  );
  const { rows } = await tx.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM invitations WHERE ${stateAt('$1')} = 'open'`,
    [now],
  );
  return rows[0]?.n ?? 0;
}

/** Takes back what an address has been invited with. */
export async function revokeOf(tx: Queryable, email: string, now: Date): Promise<void> {
  await tx.query(
    'UPDATE invitations SET revoked_at = $2 WHERE email = $1 AND revoked_at IS NULL AND accepted_at IS NULL',
    [email, now],
  );
}

export async function insertInvitation(
  tx: Queryable,
  made: {
    readonly id: string;
    readonly email: string;
    readonly role: Role;
    readonly tokenHash: Buffer;
    readonly invitedBy: string;
    readonly createdAt: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO invitations (id, email, role, token_hash, invited_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [made.id, made.email, made.role, made.tokenHash, made.invitedBy, made.createdAt, made.expiresAt],
  );
}

function answerOf(row: InvitationRow): Invitation {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
  };
}
