import type { Caller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import { KeyedCount } from '../platform/keyed-count.ts';
import { retryAfterS } from './admission.ts';
import type { AdmissionLimits, ReadKind } from './admission.ts';

/** How many reads of each kind may be in flight at once for one of those who ask. */
export interface ShareBounds {
  /** One person's, on all devices and in all their tabs, wherever they are. */
  readonly account: AdmissionLimits;
  /** Those of an integration, which may ask on behalf of many. Its address does not bound it: an operator let it in. */
  readonly service: AdmissionLimits;
  /** Those of people: a school or a company may stand behind one address. */
  readonly address: AdmissionLimits;
}

/** Ten devices with ten shapes each, that come back at once, or wait twice. A small house has not so many places to give. */
const PER_ACCOUNT: AdmissionLimits = { initial: 100, live: 200 };
/** Shares of what all may have together. */
const OF_ALL = { account: 1 / 4, service: 1 / 2, address: 1 / 4 };

/** What one account and one address may have of what all may have together. */
export function shareBounds(all: AdmissionLimits): ShareBounds {
  const share = (part: number) => ({
    initial: Math.ceil(all.initial * part),
    live: Math.ceil(all.live * part),
  });
  const ofAccount = share(OF_ALL.account);
  const account = {
    initial: Math.min(PER_ACCOUNT.initial, ofAccount.initial),
    live: Math.min(PER_ACCOUNT.live, ofAccount.live),
  };
  return { account, service: share(OF_ALL.service), address: share(OF_ALL.address) };
}

/**
 * Keeps one account, or one address with many accounts, from taking all the reads that the server can bear: who takes his answers
 * slowly has them in flight for as long as he likes, and the bounds on all would then shut everybody else out.
 */
export class ReaderShares {
  readonly #bounds: ShareBounds | undefined;
  readonly #random: () => number;
  readonly #byAccount: Readonly<Record<ReadKind, KeyedCount>> = perKind();
  readonly #byAddress: Readonly<Record<ReadKind, KeyedCount>> = perKind();
  readonly #refused: Record<ReadKind, number> = { initial: 0, live: 0 };

  /** Without bounds nobody is refused. */
  constructor(bounds: ShareBounds | undefined, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Counts a read until the returned function is called. Throws `rate_limited` (429) when this account or address has enough. */
  take(kind: ReadKind, { userId, scopes }: Pick<Caller, 'userId' | 'scopes'>, address: string): () => void {
    if (this.#bounds === undefined) return () => {};
    const isService = scopes !== undefined;
    const ofAccount = this.#bounds[isService ? 'service' : 'account'][kind];
    const account = this.#byAccount[kind].take(userId, ofAccount);
    if (account === undefined) throw this.#refusal(kind, 'account', ofAccount);
    if (isService) return account;
    const ofAddress = this.#bounds.address[kind];
    const place = this.#byAddress[kind].take(address, ofAddress);
    if (place === undefined) {
      account();
      throw this.#refusal(kind, 'address', ofAddress);
    }
    return () => {
      account();
      place();
    };
  }

  /** Reads that were refused since the start. */
  refused(kind: ReadKind): number {
    return this.#refused[kind];
  }

  #refusal(kind: ReadKind, whose: string, limit: number): HaloError {
    this.#refused[kind] += 1;
    return new HaloError(
      'rate_limited',
      `This ${whose} has ${limit} ${kind} reads in flight, and may have no more.`,
      {
        status: 429,
        hint: 'Take the answers that are under way, and try again after the time that Retry-After names.',
        details: { kind, limit, retryAfterS: retryAfterS(this.#random) },
      },
    );
  }
}

function perKind(): Readonly<Record<ReadKind, KeyedCount>> {
  return { initial: new KeyedCount(), live: new KeyedCount() };
}
