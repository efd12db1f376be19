import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible';
import { limitBy } from '../platform/rate-limit.ts';
import type { RateLimit, RateLimitBounds } from '../platform/rate-limit.ts';
import type { Pool } from './pool.ts';

/**
 * A limit that holds over all instances: it is counted in Postgres, one statement a request, and only hashes of keys are kept. While
 * Postgres does not answer, each instance counts for itself (`alone`), or the request fails as Postgres does (`fail`): what cannot
 * be done without it need not be counted, and must not be held against anybody.
 */
export function limitInPostgres(
  pool: Pool,
  bounds: RateLimitBounds,
  whileAway: 'alone' | 'fail' = 'alone',
): RateLimit {
  const { name, requests, durationS } = bounds;
  const counted = { keyPrefix: name, points: requests, duration: durationS };
  const limiter = new RateLimiterPostgres({
    ...counted,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    ...(whileAway === 'alone' ? { insuranceLimiter: new RateLimiterMemory(counted) } : {}),
    // An instance that has refused a key asks Postgres no more until its time is over.
    inMemoryBlockOnConsumed: requests + 1,
  });
  return limitBy(bounds, limiter, (key) => createHash('sha256').update(key).digest('base64url'));
}
