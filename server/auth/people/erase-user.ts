import type { UserErase } from '@halo/shapes/protocol/users.ts';
import { actUnderRules, recordAct } from '../../audit/audit-log.ts';
import type { Act } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Caller } from '../identity.ts';
import { lastOperator, orderErasure } from '../own-account.ts';
import { revokeTokensMadeBy } from '../service-tokens/revoke-service-tokens.ts';
import { lockForOperator } from './lock-people.ts';

/**
 * Has a person forgotten who has asked an operator for it. Twice is once.
 *
 * @throws HaloError as `lockForOperator`; 409 `own_account`, `last_operator`
 */
export async function eraseUser(
  pool: Pool,
  actor: Caller,
  userId: string,
  { reason, revokeServiceTokens = false }: UserErase,
  now: Date,
): Promise<void> {
  const act: Act = { action: 'user.erase_ordered', target: { kind: 'user', id: userId }, reason };
  await actUnderRules(pool, actor, act, async (tx) => {
    const { person, isLastOperator } = await lockForOperator(tx, actor.userId, userId);
    if (person.erasing) return;
    if (userId === actor.userId)
      throw new HaloError('own_account', 'Nobody erases himself here.', {
        status: 409,
        hint: 'DELETE /api/v1/auth/me is for that.',
      });
    if (isLastOperator) throw lastOperator('is erased');
    if (revokeServiceTokens) await revokeTokensMadeBy(tx, actor, userId, reason, now);
    await orderErasure(tx, userId, now);
    await recordAct(tx, actor, act);
  });
}
