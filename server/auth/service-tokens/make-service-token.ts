import { uuidv7 } from 'uuidv7';
import { MAX_SERVICE_TOKENS } from '@halo/shapes/protocol/service-tokens.ts';
import type { ServiceToken, ServiceTokenMake } from '@halo/shapes/protocol/service-tokens.ts';
import { recordAct } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Caller } from '../identity.ts';
import { lockOperator } from '../people/lock-people.ts';
import { makeSecret, SECRET_PREFIX } from '../secret-token.ts';
import * as store from './service-token-store.ts';

const DAY_MS = 86_400_000;
/** Serialises those who make tokens, so that their bound holds. */
const LOCK_KEY = 7_201_003;

/**
 * Makes a token for an integration, with the account that it acts as.
 *
 * @returns the token, and the secret, which is nowhere else
 * @throws HaloError 403 `forbidden`; 409 `too_many_service_tokens`
 */
export async function makeServiceToken(
  pool: Pool,
  actor: Caller,
  { name, scopes, expiresInDays }: ServiceTokenMake,
  now: Date,
): Promise<{ serviceToken: ServiceToken; token: string }> {
  const { text, hash: tokenHash } = makeSecret(SECRET_PREFIX.serviceToken);
  const id = uuidv7();
  const serviceToken = await inTransaction(pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await lockOperator(tx, actor.userId);
    if ((await store.countActive(tx, now)) >= MAX_SERVICE_TOKENS)
      throw new HaloError('too_many_service_tokens', `${MAX_SERVICE_TOKENS} service tokens are good.`, {
        status: 409,
        hint: 'Revoke some.',
      });
    await store.insertServiceToken(tx, {
      id,
      userId: uuidv7(),
      sessionId: uuidv7(),
      name,
      scopes,
      tokenHash,
      createdBy: actor.userId,
      createdAt: now,
      expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
    });
    await recordAct(tx, actor, {
      action: 'service_token.made',
      target: { kind: 'service_token', id },
      details: { name, scopes, expiresInDays },
    });
    return store.lockServiceToken(tx, id, now);
  });
  if (serviceToken === undefined) throw new Error('a service token was written and is not there');
  return { serviceToken, token: text };
}
