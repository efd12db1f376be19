import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { OidcIssuer } from '../../config/oidc-issuers.ts';
import { isStorableText, storableText } from '../../platform/storable-text.ts';

/** Oldest token that is taken, in seconds from when it was made, however long its issuer says that it is good. */
export const MAX_TOKEN_AGE_S = 86_400;
const MAX_NAME = 80;
const MAX_SUBJECT = 255;
const MAX_ID = 500;
const NAMELESS = 'External account';

/** What an issuer's token says of somebody. */
export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly displayName: string;
  /** Undefined where nothing in the token makes a role. */
  readonly role: Role | undefined;
  /** What names the session: hashed, with the issuer. */
  readonly sessionKey: Buffer;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * Reads the claims of a token that has been verified. Of several roles the highest counts.
 *
 * @returns undefined where the token is of no use, since it lacks a claim, or its subject is no text that can be kept
 */
export function readClaims(
  issuer: OidcIssuer,
  payload: JWTPayload,
  token: string,
): ExternalIdentity | undefined {
  const { sub, iat, exp } = payload;
  if (sub === undefined || sub === '' || sub.length > MAX_SUBJECT || iat === undefined || exp === undefined)
    return undefined;
  // Replaced characters would make one person of two.
  if (!isStorableText(sub)) return undefined;
  return {
    issuer: issuer.issuer,
    subject: sub,
    displayName: nameOf(payload[issuer.nameClaim]),
    role: roleOf(issuer, payload),
    sessionKey: sessionKeyOf(issuer.issuer, payload, token),
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(Math.min(exp, iat + MAX_TOKEN_AGE_S) * 1000),
  };
}

function roleOf({ roleClaim, roles, otherwise }: OidcIssuer, payload: JWTPayload): Role | undefined {
  const values = valuesOf(claimAt(payload, roleClaim));
  const mapped = new Set(values.map((value) => (Object.hasOwn(roles, value) ? roles[value] : undefined)));
  const highest = ROLES.findLast((role) => mapped.has(role));
  return highest ?? (otherwise === 'refuse' ? undefined : otherwise);
}

function claimAt(payload: JWTPayload, path: readonly string[]): unknown {
  let at: unknown = payload;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** A claim of several values is a list, or words with spaces between them, as `scope` is (RFC 8693 §4.2). */
function valuesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim, ...claim.split(' ')];
  return Array.isArray(claim) ? claim.filter((value) => typeof value === 'string') : [];
}

function nameOf(claim: unknown): string {
  const name = typeof claim === 'string' ? storableText(claim.trim().slice(0, MAX_NAME)) : '';
  return name === '' ? NAMELESS : name;
}

/** The issuer's session where it names one, else the token: `sid`, `jti`, or the token's own text. */
function sessionKeyOf(issuer: string, { sid, jti }: JWTPayload, token: string): Buffer {
  const isName = (id: unknown): id is string => typeof id === 'string' && id !== '' && id.length <= MAX_ID;
  const named = isName(sid) ? ['sid', sid] : isName(jti) ? ['jti', jti] : ['token', token];
  return createHash('sha256')
    .update(JSON.stringify([issuer, ...named]))
    .digest();
}
