import { PASSWORD_RESET_HOURS } from '@halo/shapes/protocol/users.ts';
import { actUnderRules, recordAct } from '../../audit/audit-log.ts';
import type { Act } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Caller } from '../identity.ts';
import { lockForOperator } from '../people/lock-people.ts';
import { makeSecret, SECRET_PREFIX } from '../secret-token.ts';

const HOUR_MS = 3_600_000;

/**
 * Issues a secret with which somebody sets a new password; one that was issued before is good no more.
 *
 * @throws HaloError as `lockForOperator`; 409 `own_account`, `no_password`, `user_disabled`
 */
export async function issueReset(
  pool: Pool,
  actor: Caller,
  userId: string,
  reason: string,
  now: Date,
): Promise<{ token: string; expiresAt: string }> {
  const expiresAt = new Date(now.getTime() + PASSWORD_RESET_HOURS * HOUR_MS);
  const { text, hash } = makeSecret(SECRET_PREFIX.passwordReset);
  const act: Act = { action: 'password.reset_issued', target: { kind: 'user', id: userId }, reason };
  await actUnderRules(pool, actor, act, async (tx) => {
    const { person } = await lockForOperator(tx, actor.userId, userId);
    if (userId === actor.userId)
      throw new HaloError('own_account', 'Nobody resets his own password here.', {
        status: 409,
        hint: 'POST /api/v1/auth/password is for that; it takes the present one.',
      });
    if (person.kind !== 'account')
      throw new HaloError('no_password', 'This account has no password here.', { status: 409 });
    if (person.disabled)
      throw new HaloError('user_disabled', 'This account is disabled.', {
        status: 409,
        hint: 'Enable it first.',
      });
    await tx.query(
      `INSERT INTO password_resets (user_id, token_hash, issued_by, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, issued_by = excluded.issued_by,
         issued_at = excluded.issued_at, expires_at = excluded.expires_at`,
      [userId, hash, actor.userId, now, expiresAt],
    );
    await recordAct(tx, actor, { ...act, details: { expiresAt: expiresAt.toISOString() } });
  });
  return { token: text, expiresAt: expiresAt.toISOString() };
}
