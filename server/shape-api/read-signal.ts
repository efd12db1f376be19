import type { Caller } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';

/** The longest delay that a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A signal that ends a read when the reader goes away or his token runs out; in the latter case with
 * `token_expired` (401), after which he resumes at the same offset with a new token.
 */
export function readSignal(
  caller: Caller,
  clock: Clock,
  left: AbortSignal,
): { readonly signal: AbortSignal; readonly done: () => void } {
  const expiry = new AbortController();
  const expire = () =>
    expiry.abort(
      new HaloError('token_expired', 'The access token has expired.', {
        status: 401,
        hint: 'Refresh the token and ask again with the same offset.',
      }),
    );
  const remainingMs = caller.expiresAt.getTime() - clock.now().getTime();
  if (remainingMs <= 0) expire();
  const timer = setTimeout(expire, Math.min(Math.max(remainingMs, 0), MAX_TIMER_MS));
  return { signal: AbortSignal.any([left, expiry.signal]), done: () => clearTimeout(timer) };
}
