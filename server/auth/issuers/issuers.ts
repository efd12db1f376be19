import { createHash } from 'node:crypto';
import { decodeJwt, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import type { OidcIssuer } from '../../config/oidc-issuers.ts';
import type { Pool } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { HaloError } from '../../platform/errors.ts';
import type { TokenKind } from '../require-caller.ts';
import { ensureExternalSession, takeExternalRole } from './external-session.ts';
import type { ExternalSession } from './external-session.ts';
import { createIssuerKeys, KEY_BOUNDS } from './issuer-keys.ts';
import type { KeyBounds } from './issuer-keys.ts';
import { MAX_TOKEN_AGE_S, readClaims } from './read-claims.ts';

/** How far an issuer's clock may be from ours, in seconds. */
const CLOCK_TOLERANCE_S = 30;
/** Tokens whose session is remembered, so that not each request asks Postgres for it. */
const MAX_KNOWN = 10_000;

interface Known {
  readonly session: ExternalSession;
  readonly expiresAt: Date;
}

/**
 * Makes what tells whom the tokens of the configured issuers speak for (RFC 9068, RFC 8725). A token says who issued it, and only that
 * issuer's keys, audience, algorithms and types are good for it.
 */
export function createIssuers(
  configured: readonly OidcIssuer[],
  pool: Pool,
  clock: Clock,
  bounds: KeyBounds = KEY_BOUNDS,
): TokenKind {
  const monotonic = () => performance.now();
  const byName = new Map(
    configured.map((issuer) => [
      issuer.issuer,
      { issuer, keys: createIssuerKeys(issuer.jwksUrl, bounds, monotonic) },
    ]),
  );
  const known = new Map<string, Known>();

  /** Tokens that give no role, which Postgres knows already. */
  const roleless = new Set<string>();

  const sessionOf = async (token: string, issuer: OidcIssuer, keys: JWTVerifyGetKey, anew: boolean) => {
    const now = clock.now();
    const identity = await verifyExternal(token, issuer, keys, now);
    const key = createHash('sha256').update(token).digest('base64url');
    const { role } = identity;
    if (role === undefined) {
      if (!roleless.has(key)) await takeExternalRole(pool, identity);
      roleless.add(key);
      if (roleless.size > MAX_KNOWN) roleless.delete(roleless.keys().next().value!);
      throw roleMissing();
    }
    const found = known.get(key);
    if (found !== undefined && !anew) return found;
    const session = await ensureExternalSession(pool, { ...identity, role }, now);
    const fresh = { session, expiresAt: identity.expiresAt };
    known.set(key, fresh);
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
    return fresh;
  };
  const verify = async (token: string, anew: boolean) => {
    const of = byName.get(issuerOf(token) ?? '');
    if (of === undefined) throw invalid();
    const { session, expiresAt } = await sessionOf(token, of.issuer, of.keys, anew);
    return { ...session, expiresAt };
  };

  return {
    recognises: (token) => byName.has(issuerOf(token) ?? ''),
    verify: (token) => verify(token, false),
    verifyAnew: (token) => verify(token, true),
  };
}

function roleMissing(): HaloError {
  return new HaloError('role_missing', 'Nothing in this token gives a role here.', {
    status: 403,
    hint: 'Its issuer says who has which role.',
  });
}

/** What a token says of who issued it, before anything is verified. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

async function verifyExternal(token: string, issuer: OidcIssuer, keys: JWTVerifyGetKey, now: Date) {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audience],
      currentDate: now,
      clockTolerance: CLOCK_TOLERANCE_S,
      maxTokenAge: MAX_TOKEN_AGE_S,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
    if (!issuer.types.some((allowed) => allowed === type)) throw invalid();
    const identity = readClaims(issuer, payload, token);
    if (identity === undefined) throw invalid();
    return identity;
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new HaloError('token_expired', 'The access token has run out.', {
        status: 401,
        hint: 'Get a new one from its issuer.',
      });
    throw error instanceof errors.JOSEError ? invalid() : error;
  }
}

function invalid(): HaloError {
  return new HaloError('token_invalid', 'The access token is not valid.', { status: 401, hint: 'Log in.' });
}
