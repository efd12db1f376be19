import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { MiddlewareHandler } from 'hono';

/** Who a verified access token speaks for. */
export interface Caller {
  readonly userId: string;
  readonly role: Role;
  readonly sessionId: string;
  /** When the token runs out; a stream opened with it ends then. */
  readonly expiresAt: Date;
}

/** Hono environment of a route behind `RequireCaller`. */
export interface CallerEnv {
  Variables: { caller: Caller };
}

/** Verifies the `Authorization` header and sets `caller`, or answers 401; 403 for a role not in `roles`. */
export type RequireCaller = (roles?: readonly Role[]) => MiddlewareHandler<CallerEnv>;
