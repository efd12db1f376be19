import { HaloError } from '../platform/errors.ts';
import type { AccessTokens } from './access-token.ts';
import type { RequireCaller } from './identity.ts';
import { callerNow } from './open-sessions.ts';
import type { SessionCheck } from './session-check.ts';

/**
 * Makes the middleware in front of everything that needs an account. The token says who calls; the session,
 * looked up at most every few seconds, says whether that still holds and with which role.
 */
export function createRequireCaller(tokens: AccessTokens, sessions: SessionCheck): RequireCaller {
  return (roles) => async (context, next) => {
    const token = bearerToken(context.req.header('authorization'));
    const caller = await tokens.verify(token);
    const now = callerNow(caller, await sessions.state(caller.sessionId));
    if (roles !== undefined && !roles.includes(now.role)) {
      throw new HaloError('forbidden', 'This account may not do that.', { status: 403 });
    }
    context.set('caller', now);
    await next();
  };
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
function bearerToken(header: string | undefined): string {
  const match = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header ?? '');
  if (match?.[1] !== undefined) return match[1];
  if (header === undefined) {
    throw new HaloError('token_missing', 'An access token is needed.', { status: 401, hint: 'Log in.' });
  }
  throw new HaloError('token_invalid', 'The Authorization header holds no bearer token.', { status: 401 });
}
