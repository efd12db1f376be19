import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Pool } from '../db/pool.ts';
import type { RequireCaller } from './identity.ts';
import type { AuthLimits } from './auth-limits.ts';
import type { Passwords } from './passwords.ts';

/** What the routes of people, invitations, sessions, passwords and service tokens need from outside. */
export interface AccountParts {
  readonly pool: Pool;
  readonly passwords: Passwords;
  readonly requireCaller: RequireCaller;
  readonly limits: AuthLimits;
  readonly clock: Clock;
}

/** Answers depend on who asks and when, and may hold a secret. */
export const NO_STORE = { 'cache-control': 'no-store' };

/** The error of a session that is not there, or holds no more. */
export function sessionNotFound(): HaloError {
  return new HaloError('session_not_found', 'There is no such session.', { status: 404 });
}
