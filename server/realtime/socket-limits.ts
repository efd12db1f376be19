import { HaloError } from '../platform/errors.ts';
import { KeyedCount } from '../platform/keyed-count.ts';

/** How many sockets may be open at once. */
export interface SocketBounds {
  readonly total: number;
  /** A school or a company may stand behind one address. */
  readonly perAddress: number;
  /** One account's, on all its devices and in all their tabs. */
  readonly perUser: number;
}

export const SOCKET_BOUNDS: SocketBounds = { total: 10_000, perAddress: 2_000, perUser: 50 };
const RETRY_AFTER_S = 30;

/** Counts open sockets by what they are limited by. */
export class SocketLimits {
  readonly #bounds: SocketBounds;
  #open = 0;
  readonly #byAddress = new KeyedCount();
  readonly #byUser = new KeyedCount();

  constructor(bounds: SocketBounds) {
    this.#bounds = bounds;
  }

  /**
   * Counts a socket of an address until the returned function is called. Fails with 503 `too_many_sockets` or 429
   * `rate_limited`, which say when to come again.
   */
  open(address: string): () => void {
    if (this.#open >= this.#bounds.total) {
      throw new HaloError('too_many_sockets', 'There are too many open sockets.', {
        status: 503,
        hint: `Try again in ${RETRY_AFTER_S} s.`,
        details: { retryAfterS: RETRY_AFTER_S },
      });
    }
    const leave = count(this.#byAddress, address, this.#bounds.perAddress, 'address');
    this.#open += 1;
    return once(() => {
      this.#open -= 1;
      leave();
    });
  }

  /** Counts a socket of an account until the returned function is called; fails with 429 `rate_limited`. */
  identify(userId: string): () => void {
    return count(this.#byUser, userId, this.#bounds.perUser, 'account');
  }
}

function count(counts: KeyedCount, key: string, most: number, whose: string): () => void {
  const leave = counts.take(key, most);
  if (leave !== undefined) return leave;
  throw new HaloError('rate_limited', `This ${whose} has ${most} open sockets, and may have no more.`, {
    status: 429,
    hint: 'Close one, or share one among tabs.',
    details: { retryAfterS: RETRY_AFTER_S },
  });
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
