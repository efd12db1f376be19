import type { ServiceToken } from '@halo/shapes/protocol/service-tokens.ts';
import type { Scope } from '@halo/shapes/taxonomy/scopes.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';

type TokenRow = Omit<ServiceToken, 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

const stateAt = (now: string) =>
  `CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= ${now} THEN 'expired' ELSE 'active' END`;

const orphanedAt = (now: string) =>
  `(${stateAt(now)} = 'active' AND NOT EXISTS (SELECT FROM users u WHERE u.id = created_by AND u.role = 'operator' AND u.disabled_at IS NULL))`;

/** What narrows the list of service tokens. */
export interface ServiceTokenFilter {
  readonly state?: ServiceToken['state'] | undefined;
  readonly orphaned?: boolean | undefined;
}

const columns = (
  now: string,
) => `id, user_id AS "userId", name, scopes, ${stateAt(now)} AS state, created_by AS "createdBy",
  ${orphanedAt(now)} AS orphaned, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

/** Service tokens that come after a position, the newest first. */
export async function listServiceTokens(
  db: Queryable,
  { state, orphaned }: ServiceTokenFilter,
  now: Date,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: ServiceToken; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<TokenRow & { micros: number }>(
    `SELECT ${columns('$1')}, ${microsOf('created_at')} AS micros FROM service_tokens
     WHERE ($2::text IS NULL OR ${stateAt('$1')} = $2) AND ($6::bool IS NULL OR ${orphanedAt('$1')} = $6) AND ($3::float8 IS NULL OR ${comesAfter('created_at', 'id', '$3', '$4')})
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [now, state ?? null, after?.micros ?? null, after?.id ?? null, limit, orphaned ?? null],
  );
  return rows.map(({ micros, ...row }) => ({ item: answerOf(row), position: { micros, id: row.id } }));
}

/** One service token, locked until the transaction ends where there is one; undefined when there is none. */
export async function lockServiceToken(
  tx: Queryable,
  id: string,
  now: Date,
): Promise<ServiceToken | undefined> {
  const { rows } = await tx.query<TokenRow>(
    `SELECT ${columns('$2')} FROM service_tokens WHERE id = $1 FOR UPDATE`,
    [id, now],
  );
  return rows[0] === undefined ? undefined : answerOf(rows[0]);
}

/** How many are good. */
export async function countActive(tx: Queryable, now: Date): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM service_tokens WHERE revoked_at IS NULL AND expires_at > $1',
    [now],
  );
  return rows[0]?.n ?? 0;
}

/** Stores a token with the account that it acts as, and the one session of that. */
export async function insertServiceToken(
  tx: Queryable,
  made: {
    readonly id: string;
    readonly userId: string;
    readonly sessionId: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly tokenHash: Buffer;
    readonly createdBy: string;
    readonly createdAt: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  const { id, userId, sessionId, name, scopes, tokenHash, createdBy, createdAt, expiresAt } = made;
  await tx.query('INSERT INTO users (id, display_name, service) VALUES ($1, $2, true)', [userId, name]);
  await tx.query(
    'INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $3, $4)',
    [sessionId, userId, createdAt, expiresAt],
  );
  await tx.query(
    `INSERT INTO service_tokens (id, user_id, session_id, name, scopes, token_hash, created_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, userId, sessionId, name, scopes, tokenHash, createdBy, createdAt, expiresAt],
  );
}

/** Whom a secret speaks for. */
export interface FoundToken {
  readonly id: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

/** The token of a secret's hash, revoked or not; undefined when there is none. */
export async function findByHash(db: Queryable, tokenHash: Buffer): Promise<FoundToken | undefined> {
  const { rows } = await db.query<FoundToken>({
    name: 'service_token_by_hash',
    text: `SELECT id, user_id AS "userId", session_id AS "sessionId", scopes, expires_at AS "expiresAt",
             last_used_at AS "lastUsedAt" FROM service_tokens WHERE token_hash = $1`,
    values: [tokenHash],
  });
  return rows[0];
}

/** Notes that a token was used. */
export async function touchServiceToken(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query(
    `WITH used AS (
       UPDATE service_tokens SET last_used_at = GREATEST(last_used_at, $2) WHERE id = $1 RETURNING session_id
     )
     UPDATE sessions SET last_used_at = GREATEST(last_used_at, $2) FROM used WHERE sessions.id = used.session_id`,
    [id, now],
  );
}

function answerOf(row: TokenRow): ServiceToken {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
