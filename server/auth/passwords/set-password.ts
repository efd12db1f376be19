import { recordAct } from '../../audit/audit-log.ts';
import type { Origin } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import type { AuthLimits } from '../auth-limits.ts';
import { endSessions } from '../end-sessions.ts';
import type { Caller } from '../identity.ts';
import type { Passwords } from '../passwords.ts';
import { hashOfSecret } from '../secret-token.ts';

/** What setting a password needs from outside. */
interface ChangeParts {
  readonly pool: Pool;
  readonly passwords: Passwords;
  readonly limits: Pick<AuthLimits, 'passwordChanges'>;
}

/**
 * Sets another password for whoever says his present one, and ends his other sessions.
 *
 * @returns how many that were
 * @throws HaloError 403 `password_wrong`; 409 `no_password` where the account has none here; 429 `rate_limited`
 */
export async function changePassword(
  { pool, passwords, limits }: ChangeParts,
  caller: Caller,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
  now: Date,
): Promise<number> {
  const { userId, sessionId } = caller;
  const { rows } = await pool.query<{ hash: string | null }>(
    'SELECT password_hash AS hash FROM users WHERE id = $1',
    [userId],
  );
  const present = rows[0]?.hash ?? undefined;
  if (present === undefined)
    throw new HaloError('no_password', 'This account has no password here.', { status: 409 });
  if (!(await passwords.verify(currentPassword, present))) throw wrong();
  // Behind the check: who holds a session and no password must not use up what its owner may.
  await limits.passwordChanges.take(userId);
  const next = await passwords.hash(newPassword, 'newPassword');
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      'UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2',
      [userId, present, next],
    );
    // Somebody has set another one meanwhile.
    if (rowCount === 0) throw wrong();
    await tx.query('DELETE FROM password_resets WHERE user_id = $1', [userId]);
    const ended = await endSessions(tx, userId, 'password_changed', now, { butNot: sessionId });
    const target = { kind: 'user', id: userId };
    await recordAct(tx, caller, { action: 'password.changed', target, details: { ended } });
    return ended;
  });
}

/**
 * Sets a password with the secret of a reset, and ends all sessions. The work is the same whether the secret is good or not.
 *
 * @returns how many sessions that were
 * @throws HaloError 400 `reset_invalid`
 */
export async function resetPassword(
  { pool, passwords }: { readonly pool: Pool; readonly passwords: Passwords },
  { token, password }: { readonly token: string; readonly password: string },
  origin: Origin,
  now: Date,
): Promise<number> {
  const next = await passwords.hash(password);
  return inTransaction(pool, async (tx) => {
    const hash = hashOfSecret(token);
    // As whoever issues one: the person first.
    await tx.query(
      'SELECT FROM users WHERE id = (SELECT user_id FROM password_resets WHERE token_hash = $1) FOR UPDATE',
      [hash],
    );
    const { rows } = await tx.query<{ userId: string; issuedBy: string | null }>(
      `DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2
       RETURNING user_id AS "userId", issued_by AS "issuedBy"`,
      [hash, now],
    );
    const [reset] = rows;
    if (reset === undefined) throw invalid();
    const { userId, issuedBy } = reset;
    const { rowCount } = await tx.query(
      'UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash IS NOT NULL AND disabled_at IS NULL',
      [userId, next],
    );
    if (rowCount === 0) throw invalid();
    const ended = await endSessions(tx, userId, 'password_reset', now);
    const target = { kind: 'user', id: userId };
    await recordAct(
      tx,
      { userId, origin },
      { action: 'password.reset', target, details: { ended, issuedBy } },
    );
    return ended;
  });
}

function wrong(): HaloError {
  return new HaloError('password_wrong', 'The password is wrong.', {
    status: 403,
    field: 'currentPassword',
  });
}

function invalid(): HaloError {
  return new HaloError('reset_invalid', 'This secret sets no password.', {
    status: 400,
    field: 'token',
    hint: 'It may have been used, replaced, or have run out. Ask an operator for another one.',
  });
}
