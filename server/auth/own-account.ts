import pg from 'pg';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import type { AccountsOptions } from './accounts-options.ts';
import { endSessions } from './end-sessions.ts';
import { takeBack } from './take-back.ts';

const UNIQUE_VIOLATION = '23505';

/** Gives a person without an account one; see `Accounts.claim`. */
export async function claimAccount(
  options: AccountsOptions,
  userId: string,
  { email, password, displayName }: { email: string; password: string; displayName: string },
): Promise<Account> {
  refuseWhereClosed(options);
  const { pool, passwords } = options;
  const hash = await passwords.hash(password);
  try {
    const { rows } = await pool.query<{ role: Role }>(
      `UPDATE users SET email = $2, display_name = $3, password_hash = $4 WHERE id = $1 AND users.kind = 'anonymous' RETURNING role::text`,
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
    const locked = await tx.query<{ id: string; standing: boolean }>(
      `SELECT id, role = 'operator' AND users.kind = 'account' AND disabled_at IS NULL AS standing
       FROM users WHERE role = 'operator' OR id = $1 ORDER BY id FOR UPDATE`,
      [userId],
    );
    const operators = locked.rows.filter(({ standing }) => standing);
    if (operators.length === 1 && operators[0]?.id === userId) throw lastOperator('is erased');
    await orderErasure(tx, userId, clock.now());
  });
}

/** Has somebody forgotten, by a job: from here on he is disabled, and his sessions have ended. */
export async function orderErasure(tx: Transaction, userId: string, now: Date): Promise<void> {
  await tx.query(
    'UPDATE users SET erasing_at = COALESCE(erasing_at, $2), disabled_at = COALESCE(disabled_at, $2) WHERE id = $1',
    [userId, now],
  );
  await endSessions(tx, userId, 'disabled', now);
  await takeBack(tx, userId, now);
}

/** The error of what would leave no operator who logs in here. */
export function lastOperator(what: string): HaloError {
  return new HaloError('last_operator', `The last operator with an account here never ${what}.`, {
    status: 409,
    hint: 'Make another operator first.',
  });
}

/** Throws where people make no accounts by themselves; before anything is told of an e-mail address. */
export function refuseWhereClosed({ closed = false }: AccountsOptions): void {
  if (closed)
    throw new HaloError('registration_closed', 'Accounts are not made here by oneself.', {
      status: 403,
      hint: 'Ask an operator for an invitation.',
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
