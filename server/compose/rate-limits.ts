import { createLoginLimit } from '../auth/login-limit.ts';
import type { RequireCaller } from '../auth/identity.ts';
import type { AuthLimits } from '../auth/auth-limits.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../db/pool.ts';
import { limitInPostgres } from '../db/shared-rate-limit.ts';
import { clientAddress } from '../platform/client-address.ts';
import { limitRequest } from '../platform/limit-request.ts';
import { limitInMemory, UNLIMITED } from '../platform/rate-limit.ts';
import type { RateLimit, RateLimitBounds } from '../platform/rate-limit.ts';

/** Tokens and secrets that nobody gave; devices only ever bring such as have run out. */
export const FORGERIES_PER_ADDRESS = { name: 'forgeries', requests: 300, durationS: 60 };
/** A school or a company may stand behind one address, and its devices come back all at once. */
const AUTH_PER_ADDRESS = { name: 'auth', requests: 300, durationS: 60 };
/** Who makes himself one person after another has no use for them but to seem many; a household or a bus needs a few. */
export const ANONYMOUS_PER_ADDRESS = { name: 'anonymous', requests: 10, durationS: 3_600 };
/** Each account is a reporter whose word corroborates another's; a class or a course that begins together has room. */
export const REGISTRATIONS_PER_ADDRESS = { name: 'registrations', requests: 50, durationS: 86_400 };
/** Each tells that somebody has an account. Who forgot that he has one asks once or twice; who goes through a list asks for each. */
export const TAKEN_EMAILS_PER_ADDRESS = { name: 'taken-emails', requests: 10, durationS: 86_400 };
/** Who changes his password to and fro writes the audit log full. */
export const PASSWORD_CHANGES_PER_ACCOUNT = { name: 'password-changes', requests: 10, durationS: 86_400 };
/** A batch holds a hundred mutations: ten times an outbox that is full, each minute. */
const BATCHES_PER_ACCOUNT = { name: 'mutations', requests: 1_000, durationS: 60 };
/** So that a device that has gone mad leaves its person's other devices room. */
export const BATCHES_PER_DEVICE = { name: 'device', requests: 600, durationS: 60 };
/** A device asks once a day for each shape, and when a person wants to know; each costs a reading of the shape. */
export const CHECKSUMS_PER_ACCOUNT = { name: 'checksums', requests: 200, durationS: 600 };

/** A person who looks at lists and pages, on a few devices. */
const READS_PER_ACCOUNT = { name: 'reads', requests: 1_200, durationS: 60 };
/** What counts all rows there are, or all of a box: a map that is dragged asks twice a second. */
const COUNTS_PER_ACCOUNT = { name: 'counts', requests: 120, durationS: 60 };
/** All that is kept of a person is a heavy answer, and seldom wanted twice. */
const EXPORTS_PER_ACCOUNT = { name: 'exports', requests: 10, durationS: 3_600 };

/** Each makes a sound somewhere, and says what an address answers. */
export const ALERT_TRIALS_PER_ACCOUNT = { name: 'alert-trials', requests: 10, durationS: 3_600 };

/** The limits of `HALO_RATE_LIMIT`. Following has none: who follows a busy shape asks many times a second. */
export interface RateLimits {
  readonly auth: AuthLimits;
  readonly forgeries: RateLimit;
  readonly mutations: RateLimit;
  readonly devices: RateLimit;
  readonly checksums: RateLimit;
  readonly reads: RateLimit;
  readonly counts: RateLimit;
  readonly exports: RateLimit;
  readonly alertTrials: RateLimit;
}

/** Makes them; all are without effect where the configuration turns them off. */
export function createRateLimits({ rateLimit, proxies }: Config, pool: Pool): RateLimits {
  const limit = (bounds: RateLimitBounds) => {
    if (rateLimit === 'off') return UNLIMITED;
    return rateLimit === 'shared' ? limitInPostgres(pool, bounds) : limitInMemory(bounds);
  };
  return {
    auth: {
      addressOf: clientAddress(proxies),
      requests: limit(AUTH_PER_ADDRESS),
      // Always over all instances: it is about one person's password.
      logins: rateLimit === 'off' ? UNLIMITED : createLoginLimit(pool),
      people: limit(ANONYMOUS_PER_ADDRESS),
      registrations: limit(REGISTRATIONS_PER_ADDRESS),
      takenEmails: limit(TAKEN_EMAILS_PER_ADDRESS),
      passwordChanges: limit(PASSWORD_CHANGES_PER_ACCOUNT),
    },
    // Always within this instance: what it keeps from being done must not cost a statement each.
    forgeries: rateLimit === 'off' ? UNLIMITED : limitInMemory(FORGERIES_PER_ADDRESS),
    mutations: limit(BATCHES_PER_ACCOUNT),
    devices: limit(BATCHES_PER_DEVICE),
    checksums: limit(CHECKSUMS_PER_ACCOUNT),
    reads: limit(READS_PER_ACCOUNT),
    counts: limit(COUNTS_PER_ACCOUNT),
    exports: limit(EXPORTS_PER_ACCOUNT),
    alertTrials: limit(ALERT_TRIALS_PER_ACCOUNT),
  };
}

/** Limits what one account may ask, once it is known who calls. */
export function limitCallers(requireCaller: RequireCaller, limit: RateLimit): RequireCaller {
  return (roles) => {
    const identify = requireCaller(roles);
    return (context, next) =>
      identify(context, async () => {
        await limitRequest(context, limit, context.get('caller').userId);
        await next();
      });
  };
}
