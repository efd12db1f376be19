import type { ServiceToken } from '@halo/shapes/protocol/service-tokens.ts';
import { recordAct } from '../../audit/audit-log.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import { endSessions } from '../end-sessions.ts';
import type { Caller } from '../identity.ts';
import { lockOperator } from '../people/lock-people.ts';
import * as store from './service-token-store.ts';

/**
 * Revokes a service token for good, and ends what is open with it. Twice is once.
 *
 * @throws HaloError 403 `forbidden`; 404 `service_token_not_found`
 */
export async function revokeServiceToken(
  pool: Pool,
  actor: Caller,
  id: string,
  now: Date,
): Promise<ServiceToken> {
  return inTransaction(pool, async (tx) => {
    await lockOperator(tx, actor.userId);
    const found = await store.lockServiceToken(tx, id, now);
    if (found === undefined)
      throw new HaloError('service_token_not_found', 'There is no such service token.', { status: 404 });
    if (found.state === 'revoked') return found;
    await revoke(tx, actor, found, undefined, now);
    return { ...found, state: 'revoked', orphaned: false, revokedAt: now.toISOString() };
  });
}

/** Revokes all good service tokens that somebody made, who is locked; each leaves an entry of its own. */
export async function revokeTokensMadeBy(
  tx: Transaction,
  actor: Caller,
  makerId: string,
  reason: string,
  now: Date,
): Promise<void> {
  const { rows } = await tx.query<RevokedToken>(
    `SELECT id, user_id AS "userId", name FROM service_tokens
     WHERE created_by = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id FOR UPDATE`,
    [makerId, now],
  );
  for (const token of rows) await revoke(tx, actor, token, reason, now);
}

type RevokedToken = Pick<ServiceToken, 'id' | 'userId' | 'name'>;

async function revoke(
  tx: Transaction,
  actor: Caller,
  { id, userId, name }: RevokedToken,
  reason: string | undefined,
  now: Date,
): Promise<void> {
  await tx.query('UPDATE service_tokens SET revoked_at = $2 WHERE id = $1', [id, now]);
  await endSessions(tx, userId, 'revoked', now);
  const target = { kind: 'service_token', id };
  await recordAct(tx, actor, { action: 'service_token.revoked', target, reason, details: { name } });
}
