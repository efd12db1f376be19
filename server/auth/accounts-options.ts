import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import type { AccessTokens } from './access-token.ts';
import type { Passwords } from './passwords.ts';

/** What accounts need from outside. */
export interface AccountsOptions {
  readonly pool: Pool;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  /** Whether nobody makes an account by himself: people are invited, or come from another issuer. */
  readonly closed?: boolean;
}
