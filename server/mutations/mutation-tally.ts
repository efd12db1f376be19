import type { MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { Latency } from '../platform/latency.ts';

/** Codes come from handlers and are few; a handler that made one of each text would not fill the memory. */
const MAX_CODES = 60;
const FURTHER_CODES = 'other';

/** Counts what mutations came to since the start, and how long settling them took. */
export class MutationTally {
  /** From when a batch, or a request that is one mutation, begins to be settled until it is committed. */
  readonly settling = new Latency();
  #applied = 0;
  #replayed = 0;
  readonly #rejected = new Map<string, number>();

  /** To be told once what was committed, never within a transaction: it may be tried again. */
  settled(results: readonly MutationResult[], ms: number): void {
    this.settling.observe(ms);
    for (const { replayed, status, code } of results) {
      if (replayed) this.#replayed += 1;
      else if (status === 'applied') this.#applied += 1;
      else this.#reject(code ?? FURTHER_CODES);
    }
  }

  /** `applied`, `replayed` (settled before, and answered again), and each code of a rejection. */
  counts(): Readonly<Record<string, number>> {
    return { applied: this.#applied, replayed: this.#replayed, ...Object.fromEntries(this.#rejected) };
  }

  #reject(code: string): void {
    const known = this.#rejected.has(code) || this.#rejected.size < MAX_CODES;
    const key = known ? code : FURTHER_CODES;
    this.#rejected.set(key, (this.#rejected.get(key) ?? 0) + 1);
  }
}
