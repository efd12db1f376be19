import { createHash, randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Transaction } from '../db/pool.ts';

/** Life of a session without use, in days: a device may be away for a month and more. */
export const SESSION_DAYS = 60;
/** Exchanges of one token within this many milliseconds count as made at once. */
const SIBLINGS_MS = 30_000;

/** A refresh token as it is stored, with its session and user. */
export interface StoredToken {
  readonly token_id: string;
  readonly used_at: Date | null;
  /** Whether a token given in exchange for this one has been used. */
  readonly child_used: boolean;
  readonly session_id: string;
  readonly session_live: boolean;
  readonly user_id: string;
  readonly role: Role;
  readonly disabled: boolean;
}

/** Begins a session for `userId` and returns its id. */
export async function insertSession(tx: Transaction, id: string, userId: string, now: Date): Promise<void> {
  await tx.query('INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
    id,
    userId,
    now,
    expiry(now),
  ]);
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
  const secret = randomBytes(32).toString('base64url');
  await tx.query(
    'INSERT INTO refresh_tokens (id, session_id, parent_id, token_hash, issued_at) VALUES ($1, $2, $3, $4, $5)',
    [uuidv7(), sessionId, parentId, hashOf(secret), now],
  );
  return secret;
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
  const hash = hashOf(secret);
  await tx.query(
    `SELECT s.id FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE t.token_hash = $1 FOR UPDATE OF s`,
    [hash],
  );
  const { rows } = await tx.query<StoredToken>(
    `SELECT t.id AS token_id, t.used_at,
            EXISTS (SELECT FROM refresh_tokens c WHERE c.parent_id = t.id AND c.used_at IS NOT NULL) AS child_used,
            s.id AS session_id, s.revoked_at IS NULL AND s.expires_at > $2 AS session_live,
            u.id AS user_id, u.role::text AS role, u.disabled_at IS NOT NULL AS disabled
       FROM refresh_tokens t
       JOIN sessions s ON s.id = t.session_id
       JOIN users u ON u.id = s.user_id
      WHERE t.token_hash = $1`,
    [hash, now],
  );
  return rows[0];
}

/**
 * Exchanges a token for a new one and returns that one's secret. Earlier tokens given for it that were never
 * used (their answers were lost) go, but for those given within the last moments: two tabs may have asked at
 * once, and each must be able to go on with what it was given.
 */
export async function exchange(tx: Transaction, token: StoredToken, now: Date): Promise<string> {
  await tx.query('UPDATE refresh_tokens SET used_at = COALESCE(used_at, $2) WHERE id = $1', [
    token.token_id,
    now,
  ]);
  await tx.query('DELETE FROM refresh_tokens WHERE parent_id = $1 AND used_at IS NULL AND issued_at < $2', [
    token.token_id,
    new Date(now.getTime() - SIBLINGS_MS),
  ]);
  await tx.query('UPDATE sessions SET expires_at = $2 WHERE id = $1', [token.session_id, expiry(now)]);
  return insertRefreshToken(tx, token.session_id, token.token_id, now);
}

/** Whether an exchange at `usedAt` counts as made at the same time as one now. */
export function justUsed(usedAt: Date, now: Date): boolean {
  return now.getTime() - usedAt.getTime() < SIBLINGS_MS;
}

/** Ends a session for good; its access tokens are refused within seconds. */
export async function revokeSession(
  tx: Transaction,
  sessionId: string,
  reason: 'logout' | 'token_reuse',
  now: Date,
): Promise<void> {
  await tx.query(
    'UPDATE sessions SET revoked_at = $2, revoked_reason = $3 WHERE id = $1 AND revoked_at IS NULL',
    [sessionId, now, reason],
  );
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + SESSION_DAYS * 86_400_000);
}
