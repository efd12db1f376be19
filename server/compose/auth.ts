import type { OpenAPIHono } from '@hono/zod-openapi';
import { auditRoutes } from '../audit/routes.ts';
import { createAccessTokens } from '../auth/access-token.ts';
import { accountRoutes } from '../auth/account-routes.ts';
import { createAccounts } from '../auth/accounts.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { AuthLimits } from '../auth/auth-limits.ts';
import { ensureFirstOperator } from '../auth/first-operator.ts';
import type { FirstOperator } from '../auth/first-operator.ts';
import type { CallerEnv, OpenSessions, RequireCaller } from '../auth/identity.ts';
import { createOpenSessions } from '../auth/open-sessions.ts';
import { createIssuers } from '../auth/issuers/issuers.ts';
import { createPasswords } from '../auth/passwords.ts';
import type { Passwords } from '../auth/passwords.ts';
import { createIdentifyCaller, createRequireCaller } from '../auth/require-caller.ts';
import type { IdentifyAnyCaller } from '../auth/require-caller.ts';
import { authRoutes } from '../auth/routes.ts';
import { createServiceTokens } from '../auth/service-tokens/service-tokens.ts';
import { createSessionCheck } from '../auth/session-check.ts';
import { loadSigningKey } from '../auth/signing-key.ts';
import { unusedCredentials } from '../auth/unused-credentials.ts';
import { createVerificationKeys } from '../auth/verification-keys.ts';
import type { VerificationKeys } from '../auth/verification-keys.ts';
import type { Config } from '../config/config.ts';
import { DEFAULT_ADMIN_EMAIL } from '../config/variables.ts';
import type { Pool } from '../db/pool.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/** Accounts, tokens, and the guard in front of everything that needs an account. */
export interface Auth {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly keys: VerificationKeys;
  readonly identify: IdentifyAnyCaller;
  readonly requireCaller: RequireCaller;
  readonly openSessions: OpenSessions;
  /** Set once, when the first operator's password was generated. */
  readonly firstOperator: FirstOperator | undefined;
}

/** Loads or makes the signing key, and makes the first operator where there is none; says where the one that is asked for is not made. */
export async function openAuth(config: Config, pool: Pool, clock: Clock, logger: Logger): Promise<Auth> {
  const monotonic = () => performance.now();
  const key = await loadSigningKey(config.dataDir, pool);
  const keys = createVerificationKeys(pool, monotonic);
  const tokens = createAccessTokens(key, keys, clock);
  const sessions = createSessionCheck(pool, monotonic);
  const others = [createServiceTokens(pool, clock), createIssuers(config.oidcIssuers, pool, clock)];
  const identify = createIdentifyCaller(tokens, others, sessions);
  const passwords = await createPasswords();
  const { adminEmail: email, adminPassword: password } = config;
  const firstOperator = await ensureFirstOperator(pool, passwords, email, password);
  const given = { email, emailIsGiven: email !== DEFAULT_ADMIN_EMAIL, password };
  const unused = firstOperator === undefined ? await unusedCredentials(pool, passwords, given) : undefined;
  // A warning, though nothing is broken: who is locked out must see it whatever is logged, and to unset what it names ends it for good.
  if (unused !== undefined) logger.child({ component: 'auth' }).warn(unused);
  return {
    accounts: createAccounts({ pool, passwords, tokens, clock, closed: config.registration === 'closed' }),
    passwords,
    keys,
    identify,
    requireCaller: createRequireCaller(identify, clientAddress(config.proxies)),
    openSessions: createOpenSessions(sessions),
    firstOperator,
  };
}

/** What the routes of accounts need besides. */
export interface AccountRoutersParts {
  readonly pool: Pool;
  /** The guard of routes that read. */
  readonly requireReader: RequireCaller;
  readonly limits: AuthLimits;
  readonly clock: Clock;
}

/** The routes of accounts, and of what was done with them. Those of log-in come first: their limits hold for all. */
export function accountRouters(
  { accounts, passwords, keys, requireCaller }: Auth,
  { pool, requireReader, limits, clock }: AccountRoutersParts,
): readonly OpenAPIHono<CallerEnv>[] {
  return [
    authRoutes(accounts, keys, requireCaller, limits),
    ...accountRoutes({ pool, passwords, requireCaller: requireReader, limits, clock }),
    auditRoutes(pool, requireReader),
  ];
}
