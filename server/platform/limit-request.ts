import type { Context, Env, Input } from 'hono';
import { isHaloError } from './errors.ts';
import type { RateLimit, RateLimitBounds, RateLimitState } from './rate-limit.ts';

/**
 * Counts a request by a key and tells the caller in headers what is left, whether he may go on or not
 * (draft-ietf-httpapi-ratelimit-headers-10, `RateLimit-Policy` and `RateLimit`). Fails with 429 `rate_limited`.
 */
export async function limitRequest<E extends Env, Path extends string, In extends Input>(
  context: Context<E, Path, In>,
  limit: RateLimit,
  key: string,
): Promise<void> {
  const { bounds } = limit;
  if (bounds === undefined) return;
  try {
    announce(context, bounds, await limit.take(key));
  } catch (error) {
    if (isHaloError(error, 'rate_limited'))
      announce(context, bounds, { remaining: 0, resetS: Number(error.details['retryAfterS']) });
    throw error;
  }
}

/** A request may be under several limits: each has its item in both headers. */
function announce<E extends Env, Path extends string, In extends Input>(
  context: Context<E, Path, In>,
  { name, requests, durationS }: RateLimitBounds,
  { remaining, resetS }: RateLimitState,
): void {
  context.header('ratelimit-policy', `"${name}";q=${requests};w=${durationS}`, { append: true });
  context.header('ratelimit', `"${name}";r=${remaining};t=${resetS}`, { append: true });
}
