import { hash, verify } from '@node-rs/argon2';
import { HaloError } from '../platform/errors.ts';
import { refuseGuessable } from './guessable-password.ts';

/**
 * argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives first: 19 MiB, two passes, one
 * lane. The work runs on threads of its own.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Hashes under way at once; each takes 19 MiB. */
const MAX_AT_ONCE = 4;
/** Log-ins that may wait for their turn; beyond them the answer is 503. */
const MAX_WAITING = 200;

/** Hashes and verifies passwords, a bounded number at once. */
export interface Passwords {
  /** Of a password that somebody wants to have, given as `field`. Fails with 400 `password_guessable` (guessable-password.ts). */
  hash(password: string, field?: string): Promise<string>;
  /**
   * Whether `password` belongs to `storedHash`. Without a stored hash (no such account) the same work is
   * done for nothing, so that the time tells nobody which addresses have accounts.
   */
  verify(password: string, storedHash: string | undefined): Promise<boolean>;
}

/** Makes the hasher of one server. */
export async function createPasswords(): Promise<Passwords> {
  const dummy = await hash(crypto.randomUUID(), PARAMETERS);
  const limit = createLimit(MAX_AT_ONCE, MAX_WAITING);
  return {
    async hash(password, field) {
      refuseGuessable(password, field);
      return limit(() => hash(password, PARAMETERS));
    },
    async verify(password, storedHash) {
      const matches = await limit(() => verify(storedHash ?? dummy, password));
      return storedHash !== undefined && matches;
    },
  };
}

function createLimit(atOnce: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1;
    else if (waiting.length < maxWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else {
      throw new HaloError('too_many_logins', 'Too many log-ins at once.', {
        status: 503,
        hint: 'Try again soon.',
      });
    }
    try {
      return await work();
    } finally {
      // The place goes from hand to hand, so that nobody who comes in between takes it as well.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
