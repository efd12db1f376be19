import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Scope } from '@halo/shapes/taxonomy/scopes.ts';
import type { MiddlewareHandler } from 'hono';
import type { Origin } from '../audit/audit-log.ts';
import type { HaloError } from '../platform/errors.ts';

/** Who a verified access token speaks for. */
export interface Caller {
  readonly userId: string;
  readonly role: Role;
  readonly sessionId: string;
  /** When the token runs out; a stream opened with it ends then. */
  readonly expiresAt: Date;
  /** What a service token is for; undefined for a person. */
  readonly scopes?: readonly Scope[];
  /** Of the request that he calls with. */
  readonly origin?: Origin;
}

/** Hono environment of a route behind `RequireCaller`. */
export interface CallerEnv {
  Variables: { caller: Caller };
}

/** Verifies the `Authorization` header and sets `caller`, or answers 401; 403 for a role not in `roles`. */
export type RequireCaller = (roles?: readonly Role[]) => MiddlewareHandler<CallerEnv>;

/** Who calls with a token, by what holds now; throws 401 where the token or its session does not hold. */
export interface IdentifyCaller {
  /** By the token itself. */
  byToken(token: string): Promise<Caller>;
  /** By an `Authorization: Bearer` header, which may be missing. */
  byHeader(header: string | undefined): Promise<Caller>;
}

/** What becomes of callers while their requests are open. */
export interface OpenSessions {
  /**
   * Calls `onChange` within seconds of the session's end with 401 `session_revoked`, or of another role with the
   * caller as he is now; possibly several times. To be ended with the returned function.
   */
  watch(caller: Caller, onChange: (now: Caller | HaloError) => void): () => void;
  /** The caller as he is at this moment; throws 401 `session_revoked` when his session has ended. */
  confirm(caller: Caller): Promise<Caller>;
}
