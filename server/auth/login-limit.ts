import type { Pool } from '../db/pool.ts';
import { limitInPostgres } from '../db/shared-rate-limit.ts';
import type { RateLimit } from '../platform/rate-limit.ts';

/** Passwords that may be tried in vain for one account from one address, in a row: people mistype, and share an address. */
export const MAX_FAILED_LOGINS = 20;
/** How long failures count, from the first on, in seconds. */
export const FAILED_LOGINS_S = 900;

/**
 * What keeps passwords from being guessed, over all instances. It is counted by account and address together, so
 * that nobody can lock another out of his account from afar.
 */
export function createLoginLimit(pool: Pool): RateLimit {
  const bounds = { name: 'login', requests: MAX_FAILED_LOGINS, durationS: FAILED_LOGINS_S };
  return limitInPostgres(pool, bounds, 'fail');
}

/** The key of one account from one address; only its hash is kept. A person without an e-mail address is known by his id. */
export function loginKey(emailOrId: string, address: string): string {
  return `${emailOrId} ${address}`;
}

/**
 * Does what a password opens, wherever one is taken, under the limit of log-ins. It is counted before it is tried, so that a
 * thousand at once are not tried either, and what was counted is forgotten once it went well.
 */
export async function tryPassword<T>(logins: RateLimit, key: string, attempt: () => Promise<T>): Promise<T> {
  await logins.take(key);
  const outcome = await attempt();
  await logins.forgive(key);
  return outcome;
}
