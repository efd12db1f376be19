import { PASSWORD_RESET_HOURS } from '@halo/shapes/protocol/users.ts';
import { recordAct } from '../../audit/audit-log.ts';
import type { Act, Actor } from '../../audit/audit-log.ts';
import type { Transaction } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { LockedPerson } from '../people/lock-people.ts';
import { makeSecret, SECRET_PREFIX } from '../secret-token.ts';

const HOUR_MS = 3_600_000;

/** A secret with which somebody sets a new password, as whoever hands it over is told it. */
export interface IssuedReset {
  readonly token: string;
  readonly expiresAt: string;
}

/**
 * Keeps a new reset for somebody who is locked, in place of one that was issued before, and writes the act down.
 *
 * @throws HaloError 409 `no_password`, `user_disabled`
 */
export async function keepReset(
  tx: Transaction,
  actor: Actor,
  person: Pick<LockedPerson, 'id' | 'kind' | 'disabled'>,
  act: Act,
  now: Date,
): Promise<IssuedReset> {
  if (person.kind !== 'account')
    throw new HaloError('no_password', 'This account has no password here.', { status: 409 });
  if (person.disabled)
    throw new HaloError('user_disabled', 'This account is disabled.', {
      status: 409,
      hint: 'Enable it first.',
    });
  const expires = new Date(now.getTime() + PASSWORD_RESET_HOURS * HOUR_MS);
  const { text, hash } = makeSecret(SECRET_PREFIX.passwordReset);
  await tx.query(
    `INSERT INTO password_resets (user_id, token_hash, issued_by, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, issued_by = excluded.issued_by,
       issued_at = excluded.issued_at, expires_at = excluded.expires_at`,
    [person.id, hash, actor.userId, now, expires],
  );
  const expiresAt = expires.toISOString();
  await recordAct(tx, actor, { ...act, details: { ...act.details, expiresAt } });
  return { token: text, expiresAt };
}
