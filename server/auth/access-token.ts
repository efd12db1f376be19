import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Caller } from './identity.ts';
import { ALGORITHM } from './signing-key.ts';
import type { SigningKey } from './signing-key.ts';
import type { VerificationKeys } from './verification-keys.ts';

/** Life of an access token, in seconds. */
export const ACCESS_TOKEN_S = 15 * 60;
const ISSUER = 'halo';
const AUDIENCE = 'halo';
const TYPE = 'at+jwt';

const claimsSchema = z.object({ sub: z.uuid(), sid: z.uuid(), role: z.enum(ROLES), exp: z.number() });

/** Signs and verifies access tokens (RFC 9068, with the advice of RFC 8725). */
export interface AccessTokens {
  issue(subject: Pick<Caller, 'userId' | 'role' | 'sessionId'>): Promise<string>;
  /** Fails with 401 `token_expired` or `token_invalid`. */
  verify(token: string): Promise<Caller>;
}

export function createAccessTokens(key: SigningKey, keys: VerificationKeys, clock: Clock): AccessTokens {
  return {
    issue({ userId, role, sessionId }) {
      const issuedAt = Math.floor(clock.now().getTime() / 1000);
      return new SignJWT({ role, sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_S)
        .sign(key.privateKey);
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const found = kid === undefined ? undefined : await keys.byId(kid);
            if (found === undefined) throw new errors.JWKSNoMatchingKey();
            return found;
          },
          {
            algorithms: [ALGORITHM],
            issuer: ISSUER,
            audience: AUDIENCE,
            typ: TYPE,
            currentDate: clock.now(),
            requiredClaims: ['exp', 'sub', 'sid', 'role'],
          },
        );
        const { sub, sid, role, exp } = claimsSchema.parse(payload);
        return { userId: sub, sessionId: sid, role, expiresAt: new Date(exp * 1000) };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

/** Only faults of the token become 401; a database that cannot be reached is no fault of the caller's. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return new HaloError('token_expired', 'The access token has run out.', {
      status: 401,
      hint: 'Refresh it.',
    });
  }
  if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
    return new HaloError('token_invalid', 'The access token is not valid.', { status: 401, hint: 'Log in.' });
  }
  return error;
}
