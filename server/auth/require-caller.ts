import type { ClientAddress } from '../platform/client-address.ts';
import { HaloError } from '../platform/errors.ts';
import { resolvedRoute } from '../platform/resolved-route.ts';
import type { AccessTokens } from './access-token.ts';
import type { Caller, IdentifyCaller, RequireCaller } from './identity.ts';
import { callerNow } from './open-sessions.ts';
import { originOf } from './request-origin.ts';
import { isInScope } from './route-scopes.ts';
import type { SessionCheck } from './session-check.ts';

/** Tokens of one kind, told from others by how they look. */
export interface TokenKind {
  recognises(token: string): boolean;
  /** Whom a token speaks for. Throws 401 where it is no good. */
  verify(token: string): Promise<Caller>;
  /** As `verify`, where the session of before is there no more, as it had to make room: begins another, if that may be. */
  verifyAnew?(token: string): Promise<Caller>;
  /** Whether Postgres must be asked if such a token was ever given to anybody; where it is not there, the token itself tells. */
  isUnknown?(token: string): boolean;
}

/** Says who calls, people and integrations alike. */
export interface IdentifyAnyCaller extends IdentifyCaller {
  /** By an `Authorization: Bearer` header; a caller with scopes may do what these name, and nothing else. */
  anyByHeader(header: string | undefined): Promise<Caller>;
  /** Whether it takes a look into Postgres to tell that nobody was given the token of an `Authorization` header. */
  isUnknown(header: string): boolean;
}

/**
 * Makes what says who calls. The token says it; the session, looked up at most every few seconds, says whether that
 * still holds and with which role. A token that is of none of the `others` is an access token of this house.
 */
export function createIdentifyCaller(
  tokens: AccessTokens,
  others: readonly TokenKind[],
  sessions: SessionCheck,
): IdentifyAnyCaller {
  const any = async (token: string) => {
    const kind: Pick<TokenKind, 'verify' | 'verifyAnew'> =
      others.find((other) => other.recognises(token)) ?? tokens;
    const caller = await kind.verify(token);
    const state = await sessions.state(caller.sessionId);
    if (!state.isGone || kind.verifyAnew === undefined) return callerNow(caller, state);
    const anew = await kind.verifyAnew(token);
    return callerNow(anew, await sessions.state(anew.sessionId));
  };
  // Where no route says which scope opens it, none does.
  const byToken = async (token: string) => {
    const caller = await any(token);
    if (caller.scopes !== undefined) throw scopeMissing();
    return caller;
  };
  return {
    byToken,
    byHeader: async (header) => byToken(bearerToken(header)),
    anyByHeader: async (header) => any(bearerToken(header)),
    isUnknown(header) {
      const token = BEARER.exec(header)?.[1];
      if (token === undefined) return false;
      return others.find((other) => other.recognises(token))?.isUnknown?.(token) ?? false;
    },
  };
}

/**
 * Makes the middleware in front of everything that needs an account. A person is judged by his role; a service token by its
 * scopes, and by the route that answers, however the address was spelt.
 */
export function createRequireCaller(identify: IdentifyAnyCaller, addressOf: ClientAddress): RequireCaller {
  return (roles) => async (context, next) => {
    const caller = await identify.anyByHeader(context.req.header('authorization'));
    if (caller.scopes !== undefined) {
      if (!isInScope(caller.scopes, resolvedRoute(context))) throw scopeMissing();
    } else if (roles !== undefined && !roles.includes(caller.role)) {
      throw new HaloError('forbidden', 'This account may not do that.', { status: 403 });
    }
    context.set('caller', { ...caller, origin: originOf(context, addressOf) });
    await next();
  };
}

function scopeMissing(): HaloError {
  return new HaloError('scope_missing', 'No scope of this service token opens this route.', {
    status: 403,
    hint: 'Have an operator make a token with the scope that does.',
  });
}

/** `Authorization: Bearer …` (RFC 6750 §2.1). */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of that header. */
function bearerToken(header: string | undefined): string {
  const match = BEARER.exec(header ?? '');
  if (match?.[1] !== undefined) return match[1];
  if (header === undefined) {
    throw new HaloError('token_missing', 'An access token is needed.', { status: 401, hint: 'Log in.' });
  }
  throw new HaloError('token_invalid', 'The Authorization header holds no bearer token.', { status: 401 });
}
