import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { recordAct, THE_HOUSE } from '../audit/audit-log.ts';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { refuseGuessable } from './guessable-password.ts';
import type { Passwords } from './passwords.ts';

/** What is shown to the person who starts Halo for the first time. */
export interface FirstOperator {
  readonly email: string;
  readonly password: string;
}

/** Serialises instances that start on an empty database at once. */
const LOCK_KEY = 7_201_001;
/** 128 bits of a generated password. */
const GENERATED_BYTES = 16;

/**
 * Makes the first operator where there is none. Returns its credentials only when the password was
 * generated: that is the one time that it can be shown. Fails with `admin_email_taken` where a reporter has the
 * address: whoever registered it is not made operator by that; with `password_guessable` where `givenPassword` is.
 */
export async function ensureFirstOperator(
  pool: Pool,
  passwords: Passwords,
  email: string,
  givenPassword: string | undefined,
): Promise<FirstOperator | undefined> {
  const id = uuidv7();
  const password = givenPassword ?? randomBytes(GENERATED_BYTES).toString('base64url');
  const made = await inTransaction(pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const { rowCount } = await tx.query(`SELECT 1 FROM users WHERE role = 'operator' LIMIT 1`);
    if (rowCount !== 0) return false;
    if (givenPassword !== undefined) refuseGuessable(givenPassword, 'HALO_ADMIN_PASSWORD');
    const inserted = await tx.query(
      `INSERT INTO users (id, email, display_name, password_hash, role) VALUES ($1, $2, 'Operator', $3, 'operator')
       ON CONFLICT (email) DO NOTHING`,
      [id, email, await passwords.hash(password)],
    );
    if (inserted.rowCount === 1) {
      const target = { kind: 'user', id };
      await recordAct(tx, THE_HOUSE, { action: 'operator.first_made', target });
      return true;
    }
    throw new HaloError('admin_email_taken', `${email} belongs to an account that is no operator.`, {
      field: 'HALO_ADMIN_EMAIL',
      hint: 'Set HALO_ADMIN_EMAIL to another address.',
    });
  });
  return made && givenPassword === undefined ? { email, password } : undefined;
}
