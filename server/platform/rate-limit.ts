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
  /** Undefined where nothing is limited. */
  readonly bounds: RateLimitBounds | undefined;
  /** Counts a request. Fails with 429 `rate_limited`, which says when to come again, once there were too many. */
  take(key: string): Promise<RateLimitState>;
  /** Fails as `take` does where the key has used up what it may, and counts nothing. */
  check(key: string): Promise<void>;
  /** Forgets what was counted for the key. */
  forgive(key: string): Promise<void>;
}

export interface RateLimitBounds {
  /** Names what is limited: letters, digits and hyphens. */
  readonly name: string;
  /** Requests of one key within `durationS`. */
  readonly requests: number;
  /** From a key's first request on, in seconds. */
  readonly durationS: number;
}

/** What a key may still do. */
export interface RateLimitState {
  /** Requests that are left. */
  readonly remaining: number;
  /** Whole seconds until there are all again. */
  readonly resetS: number;
}

/** Limits nothing. */
export const UNLIMITED: RateLimit = {
  bounds: undefined,
  take: () => Promise.resolve({ remaining: Infinity, resetS: 0 }),
  check: async () => {},
  forgive: async () => {},
};

/** A limit that holds within this instance. */
export function limitInMemory(bounds: RateLimitBounds): RateLimit {
  const secret = randomBytes(16);
  const { name, requests, durationS } = bounds;
  const limiter = new RateLimiterMemory({ keyPrefix: name, points: requests, duration: durationS });
  const placeOf = (key: string) =>
    String(createHash('sha256').update(secret).update(key).digest().readUInt32BE() % PLACES);
  return limitBy(bounds, limiter, placeOf);
}

/** A limit over a limiter of the library's. */
export function limitBy(
  bounds: RateLimitBounds,
  limiter: RateLimiterAbstract,
  keyOf: (key: string) => string,
): RateLimit {
  return {
    bounds,
    async take(key) {
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(keyOf(key));
        return { remaining: remainingPoints, resetS: secondsOf(msBeforeNext) };
      } catch (reason) {
        if (!(reason instanceof RateLimiterRes)) throw reason;
        throw tooMany(Math.max(1, secondsOf(reason.msBeforeNext)));
      }
    },
    async check(key) {
      const used = await limiter.get(keyOf(key));
      if (used === null || used.consumedPoints < bounds.requests) return;
      throw tooMany(Math.max(1, secondsOf(used.msBeforeNext)));
    },
    async forgive(key) {
      await limiter.delete(keyOf(key));
    },
  };
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}

function tooMany(retryAfterS: number): HaloError {
  return new HaloError('rate_limited', 'There were too many requests like this.', {
    status: 429,
    details: { retryAfterS },
    hint: `Try again in ${retryAfterS} s.`,
  });
}
