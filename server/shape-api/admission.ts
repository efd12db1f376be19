import { HaloError } from '../platform/errors.ts';

/** A read that is answered as soon as it can be, or one that may wait for news. */
export type ReadKind = 'initial' | 'live';

/** How many reads of each kind may be in flight at once. */
export type AdmissionLimits = Readonly<Record<ReadKind, number>>;

/** Counts of one kind. */
export interface AdmissionStatus {
  /** Reads whose answers have not been sent whole. */
  readonly inFlight: number;
  /** Reads that were refused since the start. */
  readonly refused: number;
  readonly limit: number;
}

/** Those who are refused come back over so many seconds, and not all at once. */
const RETRY_AFTER_S = { least: 2, spread: 8 };

/**
 * Lets in as many reads as the server can bear. Each kind has its own bound: waiting costs little and thousands do it,
 * so that a crowd of newcomers must not keep them out, nor they the newcomers.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #random: () => number;
  readonly #inFlight: Record<ReadKind, number> = { initial: 0, live: 0 };
  readonly #refused: Record<ReadKind, number> = { initial: 0, live: 0 };

  constructor(limits: AdmissionLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Counts a read until the returned function is called. Throws `too_many_reads` (503) when there are enough. */
  take(kind: ReadKind): () => void {
    const limit = this.#limits[kind];
    if (this.#inFlight[kind] >= limit) {
      this.#refused[kind] += 1;
      throw new HaloError('too_many_reads', `As many ${kind} reads as allowed (${limit}) are in flight.`, {
        status: 503,
        hint: 'Try again after the time that Retry-After names.',
        details: { kind, limit, retryAfterS: retryAfterS(this.#random) },
      });
    }
    this.#inFlight[kind] += 1;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#inFlight[kind] -= 1;
    };
  }

  status(kind: ReadKind): AdmissionStatus {
    return { inFlight: this.#inFlight[kind], refused: this.#refused[kind], limit: this.#limits[kind] };
  }
}

/** When one who was refused may come again, in seconds. */
export function retryAfterS(random: () => number): number {
  return RETRY_AFTER_S.least + Math.floor(random() * (RETRY_AFTER_S.spread + 1));
}
