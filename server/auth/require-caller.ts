import { HaloError } from '../platform/errors.ts';
import type { AccessTokens } from './access-token.ts';
import type { IdentifyCaller, RequireCaller } from './identity.ts';
import { callerNow } from './open-sessions.ts';
import type { SessionCheck } from './session-check.ts';

/**
 * Makes what says who calls. The token says it; the session, looked up at most every few seconds, says whether that
 * still holds and with which role.
 */
export function createIdentifyCaller(tokens: AccessTokens, sessions: SessionCheck): IdentifyCaller {
  const byToken = async (token: string) => {
    const caller = await tokens.verify(token);
    return callerNow(caller, await sessions.state(caller.sessionId));
  };
  return { byToken, byHeader: async (header) => byToken(bearerToken(header)) };
}

/** Makes the middleware in front of everything that needs an account. */
export function createRequireCaller(identify: IdentifyCaller): RequireCaller {
  return (roles) => async (context, next) => {
    const caller = await identify.byHeader(context.req.header('authorization'));
    if (roles !== undefined && !roles.includes(caller.role)) {
      throw new HaloError('forbidden', 'This account may not do that.', { status: 403 });
    }
    context.set('caller', caller);
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
