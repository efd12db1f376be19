import { isHaloError } from '../platform/errors.ts';
import type { RateLimit } from '../platform/rate-limit.ts';

/**
 * Makes an account under the limit of answers that tell an address to have one already. A person who forgot that he has an account hears
 * it; whoever goes through a list of addresses hears it a few times, and from then on nothing.
 */
export async function withoutEnumerating<T>(
  taken: RateLimit,
  address: string,
  attempt: () => Promise<T>,
): Promise<T> {
  await taken.check(address);
  try {
    return await attempt();
  } catch (error) {
    // Those at once beyond the limit are refused as the next would be.
    if (isHaloError(error, 'email_taken')) await taken.take(address);
    throw error;
  }
}
