import type { LogChunk } from './change-log.ts';

interface CachedTransaction {
  readonly lsn: bigint;
  readonly chunks: readonly LogChunk[];
  readonly bytes: number;
}

/** The newest transactions, decoded, up to a bound in bytes: live readers need no disk. */
export class TailCache {
  readonly #maxBytes: number;
  #transactions: CachedTransaction[] = [];
  /** Index of the oldest that is kept; those before it wait to be cut off together. */
  #head = 0;
  #bytes = 0;
  #from: bigint;

  /** @param from LSN after which the cache holds everything. */
  constructor(maxBytes: number, from: bigint) {
    this.#maxBytes = maxBytes;
    this.#from = from;
  }

  /** Adds the newest transaction; `undefined` chunks stand for one that was too large to keep. */
  add(lsn: bigint, chunks: readonly LogChunk[] | undefined, bytes: number): void {
    if (chunks === undefined || bytes > this.#maxBytes) return this.clear(lsn);
    this.#transactions.push({ lsn, chunks, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#transactions[this.#head++]!;
      this.#bytes -= oldest.bytes;
      this.#from = oldest.lsn;
    }
    // Cutting at each addition would move the whole array each time.
    if (this.#head > 1_024 && this.#head > this.#transactions.length / 2) {
      this.#transactions.splice(0, this.#head);
      this.#head = 0;
    }
  }

  clear(from: bigint): void {
    this.#transactions = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#from = from;
  }

  /** Pieces of the transactions after `lsn`; undefined when the cache does not reach back that far. */
  after(lsn: bigint): readonly LogChunk[] | undefined {
    if (lsn < this.#from) return undefined;
    let low = this.#head;
    let high = this.#transactions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#transactions[middle]!.lsn <= lsn) low = middle + 1;
      else high = middle;
    }
    return this.#transactions.slice(low).flatMap(({ chunks }) => chunks);
  }
}
