import { actUnderRules, THE_HOUSE } from '../../audit/audit-log.ts';
import type { Act } from '../../audit/audit-log.ts';
import type { Pool, Queryable } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { LockedPerson } from '../people/lock-people.ts';
import { keepReset } from './keep-reset.ts';
import type { IssuedReset } from './keep-reset.ts';

/** Operators that a refusal names. */
const MAX_NAMED = 20;

/**
 * Issues a secret with which an operator sets a new password, by word of whoever holds the machine: the only operator, who has lost his
 * own, has nobody else to ask. Of operators alone: everybody else asks one of them.
 *
 * @throws HaloError 404 `user_not_found`; 409 `not_operator`, `user_erasing`, `no_password`, `user_disabled`
 */
export async function issueOperatorReset(pool: Pool, email: string, now: Date): Promise<IssuedReset> {
  const address = email.trim().toLowerCase();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [address]);
  const id = rows[0]?.id;
  if (id === undefined) throw await unknown(pool, address);
  const act: Act = {
    action: 'password.reset_issued',
    target: { kind: 'user', id },
    details: { by: 'command' },
  };
  return actUnderRules(pool, THE_HOUSE, act, async (tx) => {
    const found = await tx.query<LockedPerson>(
      `SELECT id, role::text AS role, users.kind, disabled_at IS NOT NULL AS disabled, erasing_at IS NOT NULL AS erasing
       FROM users WHERE id = $1 FOR UPDATE`,
      [id],
    );
    const person = found.rows[0];
    if (person === undefined) throw await unknown(tx, address);
    if (person.erasing)
      throw new HaloError('user_erasing', 'This account is being forgotten.', { status: 409 });
    if (person.role !== 'operator')
      throw new HaloError(
        'not_operator',
        `${address} is no operator: operators reset other people's passwords.`,
        {
          status: 409,
          hint: await whoIs(tx),
        },
      );
    return keepReset(tx, THE_HOUSE, person, act, now);
  });
}

async function unknown(db: Queryable, email: string): Promise<HaloError> {
  const hint = await whoIs(db);
  return new HaloError('user_not_found', `There is no account of ${email}.`, { status: 404, hint });
}

/** Whoever has lost a password may have lost the address as well. */
async function whoIs(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ email: string }>(
    `SELECT email FROM users WHERE role = 'operator' AND users.kind = 'account' AND disabled_at IS NULL ORDER BY id LIMIT $1`,
    [MAX_NAMED],
  );
  if (rows.length === 0) return 'No operator has a password here.';
  return `Operators with a password here: ${rows.map(({ email }) => email).join(', ')}.`;
}
