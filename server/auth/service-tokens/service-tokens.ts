import type { Queryable } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { HaloError } from '../../platform/errors.ts';
import type { TokenKind } from '../require-caller.ts';
import { hashOfSecret, SECRET_PREFIX } from '../secret-token.ts';
import { findByHash, touchServiceToken } from './service-token-store.ts';

/** How fine the time of the last use is. */
const TOUCH_EVERY_MS = 60_000;
/** Tokens that are remembered to have been given to somebody. */
const MAX_KNOWN = 1_000;

/** Makes what tells for which integration a service token speaks. Whether it was revoked, its session says. */
export function createServiceTokens(db: Queryable, clock: Clock): TokenKind {
  // Hashes, the one unused for longest first. Whether they still hold is asked each time.
  const known = new Set<string>();
  const keyOf = (token: string) => hashOfSecret(token).toString('base64url');
  return {
    recognises: (token) => token.startsWith(SECRET_PREFIX.serviceToken),
    isUnknown: (token) => !known.has(keyOf(token)),
    async verify(token) {
      const found = await findByHash(db, hashOfSecret(token));
      if (found === undefined)
        throw new HaloError('token_invalid', 'There is no such service token.', { status: 401 });
      // Anew: one that is used goes to the end, and is not forgotten for being old.
      const key = keyOf(token);
      known.delete(key);
      known.add(key);
      if (known.size > MAX_KNOWN) known.delete(known.values().next().value!);
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
