import type { Queryable } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { HaloError } from '../../platform/errors.ts';
import type { TokenKind } from '../require-caller.ts';
import { hashOfSecret, SECRET_PREFIX } from '../secret-token.ts';
import { findByHash, touchServiceToken } from './service-token-store.ts';

/** How fine the time of the last use is. */
const TOUCH_EVERY_MS = 60_000;

/** Makes what tells for which integration a service token speaks. Whether it was revoked, its session says. */
export function createServiceTokens(db: Queryable, clock: Clock): TokenKind {
  return {
    recognises: (token) => token.startsWith(SECRET_PREFIX.serviceToken),
    async verify(token) {
      const found = await findByHash(db, hashOfSecret(token));
      if (found === undefined)
        throw new HaloError('token_invalid', 'There is no such service token.', { status: 401 });
      const now = clock.now();
      const { id, userId, sessionId, scopes, expiresAt, lastUsedAt } = found;
      if (expiresAt <= now)
        throw new HaloError('token_expired', 'The service token has run out.', {
          status: 401,
          hint: 'Have an operator make another one.',
        });
      if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= TOUCH_EVERY_MS)
        await touchServiceToken(db, id, now);
      return { userId, role: 'reporter', sessionId, scopes, expiresAt };
    },
  };
}
