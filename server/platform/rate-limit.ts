import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { HaloError } from './errors.ts';

/**
 * Keys that a limit in memory tells apart. Callers choose how many there are, so they are hashed into this many
 * places, with a secret that nobody can aim by; now and then two of them share what they may do.
 */
const PLACES = 65_536;

/** So many requests of one key, in so long a time. */
export interface RateLimit {
  /** Counts a request. Fails with 429 `rate_limited`, which says when to come again, once there were too many. */
  take(key: string): Promise<void>;
  /** Forgets what was counted for the key. */
  forgive(key: string): Promise<void>;
}

export interface RateLimitBounds {
  /** Names what is limited. */
  readonly name: string;
  /** Requests of one key within `durationS`. */
  readonly requests: number;
  /** From a key's first request on, in seconds. */
  readonly durationS: number;
}

/** Limits nothing. */
export const UNLIMITED: RateLimit = { take: async () => {}, forgive: async () => {} };

/** A limit that holds within this instance. */
export function limitInMemory({ name, requests, durationS }: RateLimitBounds): RateLimit {
  const secret = randomBytes(16);
  const limiter = new RateLimiterMemory({ keyPrefix: name, points: requests, duration: durationS });
  const placeOf = (key: string) =>
    String(createHash('sha256').update(secret).update(key).digest().readUInt32BE() % PLACES);
  return limitBy(limiter, placeOf);
}

/** A limit over a limiter of the library's. */
export function limitBy(limiter: RateLimiterAbstract, keyOf: (key: string) => string): RateLimit {
  return {
    async take(key) {
      try {
        await limiter.consume(keyOf(key));
      } catch (reason) {
        if (!(reason instanceof RateLimiterRes)) throw reason;
        throw tooMany(Math.max(1, Math.ceil(reason.msBeforeNext / 1000)));
      }
    },
    async forgive(key) {
      await limiter.delete(keyOf(key));
    },
  };
}

function tooMany(retryAfterS: number): HaloError {
  return new HaloError('rate_limited', 'There were too many requests like this.', {
    status: 429,
    details: { retryAfterS },
    hint: `Try again in ${retryAfterS} s.`,
  });
}
