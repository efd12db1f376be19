import pg from 'pg';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import type { AccountsOptions } from './accounts-options.ts';

const UNIQUE_VIOLATION = '23505';

/** Gives a person without an account one; see `Accounts.claim`. */
export async function claimAccount(
  { pool, passwords }: AccountsOptions,
  userId: string,
  { email, password, displayName }: { email: string; password: string; displayName: string },
): Promise<Account> {
  const hash = await passwords.hash(password);
  try {
    const { rows } = await pool.query<{ role: Role }>(
      `UPDATE users SET email = $2, display_name = $3, password_hash = $4 WHERE id = $1 AND email IS NULL RETURNING role::text`,
      [userId, email, displayName, hash],
    );
    const [row] = rows;
    if (row === undefined)
      throw new HaloError('account_exists', 'This person has an account already.', {
        status: 409,
        hint: 'Log in with it.',
      });
    return { id: userId, email, displayName, role: row.role };
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION) throw emailTaken();
    throw error;
  }
}

/** Has a person forgotten; see `Accounts.erase`. */
export async function eraseAccount(
  { pool, passwords, clock }: AccountsOptions,
  userId: string,
  password: string | undefined,
): Promise<void> {
  const { rows } = await pool.query<{ hash: string | null }>(
    'SELECT password_hash AS hash FROM users WHERE id = $1',
    [userId],
  );
  const hash = rows[0]?.hash ?? undefined;
  if (hash !== undefined && !(await passwords.verify(password ?? '', hash)))
    throw new HaloError('password_wrong', 'The password is wrong.', { status: 403, field: 'password' });
  await inTransaction(pool, async (tx) => {
    // One after the other, or the last two operators could go at the same time.
    const operators = await tx.query<{ id: string }>(
      `SELECT id FROM users WHERE role = 'operator' AND disabled_at IS NULL ORDER BY id FOR UPDATE`,
    );
    if (operators.rows.length === 1 && operators.rows[0]?.id === userId)
      throw new HaloError('last_operator', 'The last operator cannot be erased.', {
        status: 409,
        hint: 'Make another operator first.',
      });
    const now = clock.now();
    await tx.query(
      'UPDATE users SET erasing_at = $2, disabled_at = COALESCE(disabled_at, $2) WHERE id = $1',
      [userId, now],
    );
    await tx.query(
      `UPDATE sessions SET revoked_at = $2, revoked_reason = 'disabled' WHERE user_id = $1 AND revoked_at IS NULL`,
      [userId, now],
    );
  });
}

/** The error of an address that another account has. */
export function emailTaken(): HaloError {
  return new HaloError('email_taken', 'There is an account with this e-mail address.', {
    status: 409,
    field: 'email',
    hint: 'Log in, or take another address.',
  });
}
