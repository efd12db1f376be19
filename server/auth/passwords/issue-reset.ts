import { actUnderRules } from '../../audit/audit-log.ts';
import type { Act } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Caller } from '../identity.ts';
import { lockForOperator } from '../people/lock-people.ts';
import { keepReset } from './keep-reset.ts';
import type { IssuedReset } from './keep-reset.ts';

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
): Promise<IssuedReset> {
  const act: Act = { action: 'password.reset_issued', target: { kind: 'user', id: userId }, reason };
  return actUnderRules(pool, actor, act, async (tx) => {
    const { person } = await lockForOperator(tx, actor.userId, userId);
    if (userId === actor.userId)
      throw new HaloError('own_account', 'Nobody resets his own password here.', {
        status: 409,
        hint: 'POST /api/v1/auth/password is for that; it takes the present one.',
      });
    return keepReset(tx, actor, person, act, now);
  });
}
