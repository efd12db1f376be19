import { uuidv7 } from 'uuidv7';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Transaction } from '../db/pool.ts';
import type { ClientInfo } from './client-info.ts';
import { hashOfSecret, makeSecret } from './secret-token.ts';

/** Life of a session without use, in days: a device may be away for a month and more. */
export const SESSION_DAYS = 60;
/** Exchanges of one token within this many milliseconds count as made at once. */
const SIBLINGS_MS = 30_000;
/** One token is exchanged at most this often: so many answers are not lost in a row. */
const MAX_EXCHANGES = 100;
/** Sessions of one user; the one that was idle longest makes room. */
const MAX_SESSIONS = 100;
const DAY_MS = 86_400_000;

/** A refresh token as it is stored, with its session and user. */
export interface StoredToken {
  readonly token_id: string;
  readonly used_at: Date | null;
  /** Whether a token given in exchange for this one has been used. */
  readonly child_used: boolean;
  /** Whether another token, given for the same one at another time, has been used in this one's stead. */
  readonly superseded: boolean;
  /** How often this token has been exchanged. */
  readonly exchanges: number;
  readonly session_id: string;
  readonly session_live: boolean;
  readonly user_id: string;
  readonly role: Role;
  readonly disabled: boolean;
}

/** Begins a session for `userId`; those of his that ran out, or are too many, are cleared away. */
export async function insertSession(
  tx: Transaction,
  { id, userId, client }: { readonly id: string; readonly userId: string; readonly client: ClientInfo },
  now: Date,
): Promise<void> {
  await tx.query(
    `DELETE FROM sessions
      WHERE user_id = $1 AND (expires_at <= $2 OR id IN (
            SELECT id FROM sessions WHERE user_id = $1 ORDER BY expires_at DESC, id DESC OFFSET $3))`,
    [userId, now, MAX_SESSIONS - 1],
  );
  await tx.query(
    `INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, app)
     VALUES ($1, $2, $3, $3, $4, $5, $6)`,
    [id, userId, now, expiry(now), client.userAgent, client.app],
  );
}

/**
 * Makes a refresh token of `sessionId`, given in exchange for `parentId`, and returns its secret text, which
 * is stored only as a hash.
 */
export async function insertRefreshToken(
  tx: Transaction,
  sessionId: string,
  parentId: string | null,
  now: Date,
): Promise<string> {
  const { text, hash } = makeSecret();
  await tx.query(
    'INSERT INTO refresh_tokens (id, session_id, parent_id, token_hash, issued_at) VALUES ($1, $2, $3, $4, $5)',
    [uuidv7(), sessionId, parentId, hash, now],
  );
  return text;
}

/**
 * Finds a refresh token, and locks its session so that two exchanges at once come one after the other. The
 * state is read in a second statement: it is the state after the lock was had.
 */
export async function lockToken(
  tx: Transaction,
  secret: string,
  now: Date,
): Promise<StoredToken | undefined> {
  const hash = hashOfSecret(secret);
  await tx.query(
    `SELECT s.id FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE t.token_hash = $1 FOR UPDATE OF s`,
    [hash],
  );
  const { rows } = await tx.query<StoredToken>(
    `SELECT t.id AS token_id, t.used_at,
            EXISTS (SELECT FROM refresh_tokens c WHERE c.parent_id = t.id AND c.used_at IS NOT NULL) AS child_used,
            t.used_at IS NULL AND EXISTS (
              SELECT FROM refresh_tokens o
               WHERE o.parent_id = t.parent_id AND o.used_at IS NOT NULL
                 AND abs(extract(epoch FROM o.issued_at - t.issued_at)) * 1000 >= $3) AS superseded,
            (SELECT count(*)::int FROM refresh_tokens c WHERE c.parent_id = t.id) AS exchanges,
            s.id AS session_id, s.revoked_at IS NULL AND s.expires_at > $2 AS session_live,
            u.id AS user_id, u.role::text AS role, u.disabled_at IS NOT NULL AS disabled
       FROM refresh_tokens t
       JOIN sessions s ON s.id = t.session_id
       JOIN users u ON u.id = s.user_id
      WHERE t.token_hash = $1`,
    [hash, now, SIBLINGS_MS],
  );
  return rows[0];
}

/**
 * Exchanges a token for a new one and returns that one's secret. Earlier ones given for it stay good until one
 * of them is used: the caller may hold any. Those that no answer can bring back any more are cleared away.
 */
export async function exchange(
  tx: Transaction,
  token: StoredToken,
  client: ClientInfo,
  now: Date,
): Promise<string> {
  await tx.query('UPDATE refresh_tokens SET used_at = COALESCE(used_at, $2) WHERE id = $1', [
    token.token_id,
    now,
  ]);
  await tx.query(
    'DELETE FROM refresh_tokens WHERE session_id = $1 AND id <> $2 AND COALESCE(used_at, issued_at) < $3',
    [token.session_id, token.token_id, new Date(now.getTime() - SESSION_DAYS * DAY_MS)],
  );
  await tx.query(
    `UPDATE sessions SET expires_at = $2, last_used_at = $3, user_agent = COALESCE($4, user_agent), app = COALESCE($5, app)
     WHERE id = $1`,
    [token.session_id, expiry(now), now, client.userAgent, client.app],
  );
  return insertRefreshToken(tx, token.session_id, token.token_id, now);
}

/**
 * Whether presenting `token` shows that two parties hold the session (decision 0005): what it was exchanged for
 * is in use, or another one given for the same token is, and the two exchanges were not made at once.
 */
export function isReuse(token: StoredToken, now: Date): boolean {
  if (token.superseded || token.exchanges >= MAX_EXCHANGES) return true;
  return token.used_at !== null && token.child_used && now.getTime() - token.used_at.getTime() >= SIBLINGS_MS;
}

/** Why a session was ended. */
export type EndReason =
  'logout' | 'token_reuse' | 'disabled' | 'revoked' | 'password_changed' | 'password_reset';

/** Ends a session for good; its access tokens are refused within seconds. */
export async function revokeSession(
  tx: Transaction,
  sessionId: string,
  reason: EndReason,
  now: Date,
): Promise<void> {
  await tx.query(
    'UPDATE sessions SET revoked_at = $2, revoked_reason = $3 WHERE id = $1 AND revoked_at IS NULL',
    [sessionId, now, reason],
  );
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + SESSION_DAYS * DAY_MS);
}
