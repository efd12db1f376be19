import type { Pool } from '../db/pool.ts';
import type { Passwords } from './passwords.ts';

/** What is said of the first operator from outside. */
export interface GivenCredentials {
  readonly email: string;
  /** Whether somebody chose the address. */
  readonly emailIsGiven: boolean;
  readonly password: string | undefined;
}

const RESET = 'for a password that is lost there is `npm run operator -- --reset EMAIL`.';

/**
 * Says in a sentence that HALO_ADMIN_EMAIL or HALO_ADMIN_PASSWORD do nothing, which make the first operator and change none: whoever has lost
 * the password would else set them anew and wonder. It says what ends it, too: who has changed the password in the console, as one should,
 * has a secret left over that is good for nothing. Undefined where they are an operator's, or not set. Costs a comparison of passwords.
 */
export async function unusedCredentials(
  pool: Pool,
  passwords: Passwords,
  { email, emailIsGiven, password }: GivenCredentials,
): Promise<string | undefined> {
  if (password === undefined && !emailIsGiven) return undefined;
  const { rows } = await pool.query<{ hash: string | null }>(
    `SELECT password_hash AS hash FROM users WHERE email = $1 AND role = 'operator' AND disabled_at IS NULL`,
    [email],
  );
  const [operator] = rows;
  if (operator === undefined)
    return `There is an operator, and HALO_ADMIN_EMAIL is not the address of one: it is for the first start alone, as HALO_ADMIN_PASSWORD is. Unset both; ${RESET}`;
  if (password === undefined) return undefined;
  // A hash that cannot be read is of no password, and no reason not to start.
  const isTheirs = await passwords.verify(password, operator.hash ?? undefined).catch(() => false);
  if (isTheirs) return undefined;
  return `HALO_ADMIN_PASSWORD is not the operator's password: it is for the first start alone, and changes none. Unset it; ${RESET}`;
}
