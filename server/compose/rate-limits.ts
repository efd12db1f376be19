import { createLoginLimit } from '../auth/login-limit.ts';
import type { RequireCaller } from '../auth/identity.ts';
import type { AuthLimits } from '../auth/routes.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../db/pool.ts';
import { clientAddress } from '../platform/client-address.ts';
import { limitInMemory, UNLIMITED } from '../platform/rate-limit.ts';
import type { RateLimit } from '../platform/rate-limit.ts';

/** A school or a company may stand behind one address, and its devices come back all at once. */
const AUTH_PER_ADDRESS = { name: 'auth', requests: 300, durationS: 60 };
/** A batch holds a hundred mutations: ten times an outbox that is full, each minute. */
const BATCHES_PER_ACCOUNT = { name: 'mutations', requests: 1_000, durationS: 60 };
/** A device asks once a day for each shape, and when a person wants to know; each costs a reading of the shape. */
export const CHECKSUMS_PER_ACCOUNT = { name: 'checksums', requests: 200, durationS: 600 };

/** The limits of `HALO_RATE_LIMIT`. Following has none: who follows a busy shape asks many times a second. */
export interface RateLimits {
  readonly auth: AuthLimits;
  readonly mutations: RateLimit;
  readonly checksums: RateLimit;
}

/** Makes them; all are without effect where the configuration turns them off. */
export function createRateLimits({ rateLimit, proxies }: Config, pool: Pool): RateLimits {
  const addressOf = clientAddress(proxies);
  if (!rateLimit) {
    const auth = { addressOf, requests: UNLIMITED, logins: UNLIMITED };
    return { auth, mutations: UNLIMITED, checksums: UNLIMITED };
  }
  return {
    auth: { addressOf, requests: limitInMemory(AUTH_PER_ADDRESS), logins: createLoginLimit(pool) },
    mutations: limitInMemory(BATCHES_PER_ACCOUNT),
    checksums: limitInMemory(CHECKSUMS_PER_ACCOUNT),
  };
}

/** Limits what one account may ask, once it is known who calls. */
export function limitCallers(requireCaller: RequireCaller, limit: RateLimit): RequireCaller {
  return (roles) => {
    const identify = requireCaller(roles);
    return (context, next) =>
      identify(context, async () => {
        await limit.take(context.get('caller').userId);
        await next();
      });
  };
}
