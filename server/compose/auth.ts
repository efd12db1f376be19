import { createAccessTokens } from '../auth/access-token.ts';
import { createAccounts } from '../auth/accounts.ts';
import type { Accounts } from '../auth/accounts.ts';
import { ensureFirstOperator } from '../auth/first-operator.ts';
import type { FirstOperator } from '../auth/first-operator.ts';
import type { IdentifyCaller, OpenSessions, RequireCaller } from '../auth/identity.ts';
import { createOpenSessions } from '../auth/open-sessions.ts';
import { createPasswords } from '../auth/passwords.ts';
import { createIdentifyCaller, createRequireCaller } from '../auth/require-caller.ts';
import { createSessionCheck } from '../auth/session-check.ts';
import { loadSigningKey } from '../auth/signing-key.ts';
import { createVerificationKeys } from '../auth/verification-keys.ts';
import type { VerificationKeys } from '../auth/verification-keys.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';

/** Accounts, tokens, and the guard in front of everything that needs an account. */
export interface Auth {
  readonly accounts: Accounts;
  readonly keys: VerificationKeys;
  readonly identify: IdentifyCaller;
  readonly requireCaller: RequireCaller;
  readonly openSessions: OpenSessions;
  /** Set once, when the first operator's password was generated. */
  readonly firstOperator: FirstOperator | undefined;
}

/** Loads or makes the signing key, and makes the first operator where there is none. */
export async function openAuth(config: Config, pool: Pool, clock: Clock): Promise<Auth> {
  const monotonic = () => performance.now();
  const key = await loadSigningKey(config.dataDir, pool);
  const keys = createVerificationKeys(pool, monotonic);
  const tokens = createAccessTokens(key, keys, clock);
  const sessions = createSessionCheck(pool, monotonic);
  const identify = createIdentifyCaller(tokens, sessions);
  const passwords = await createPasswords();
  return {
    accounts: createAccounts({ pool, passwords, tokens, clock }),
    keys,
    identify,
    requireCaller: createRequireCaller(identify),
    openSessions: createOpenSessions(sessions),
    firstOperator: await ensureFirstOperator(pool, passwords, config.adminEmail, config.adminPassword),
  };
}
