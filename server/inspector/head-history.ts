/** Heads that are remembered, one for each second in which it moved: an hour. */
const MAX_SAMPLES = 3_600;
/** Commits that are remembered, eight bytes each. */
const MAX_COMMITS = 131_072;

/**
 * Where the log's end was when, and which transactions came to it: what it takes to say how long, and by how many
 * transactions, a reader is behind. In memory, of this instance; what lies further back is not known.
 */
export class HeadHistory {
  /** When the head was first seen at each place, in milliseconds; both rise. */
  readonly #samples: { readonly atMs: number; readonly head: bigint }[] = [];
  readonly #commits = new BigUint64Array(MAX_COMMITS);
  /** Commits that ever came; the newest is at `count - 1`, modulo the ring. */
  #count = 0;
  /** Commits at or before this may be missing. */
  #from: bigint | undefined;

  get head(): bigint | undefined {
    return this.#samples.at(-1)?.head;
  }

  /** The head is here now. One that lies before the last is of another history: all that was known is forgotten. */
  sample(atMs: number, head: bigint): void {
    const last = this.head;
    if (last === head) return;
    if (last !== undefined && head < last) this.forget(head);
    this.#samples.push({ atMs, head });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }

  /** A transaction was handed to shapes. */
  committed(lsn: bigint): void {
    this.#from ??= lsn - 1n;
    if (this.#count >= MAX_COMMITS) this.#from = this.#commits[this.#count % MAX_COMMITS]!;
    this.#commits[this.#count % MAX_COMMITS] = lsn;
    this.#count += 1;
  }

  /** Transactions up to `lsn` were not told of. */
  forget(lsn: bigint): void {
    this.#samples.length = 0;
    this.#count = 0;
    this.#from = lsn;
  }

  /** When the head went past `lsn`; undefined where it has not. Where that was long ago, a later time. */
  passedMs(lsn: bigint): number | undefined {
    if (lsn >= (this.head ?? 0n)) return undefined;
    return this.#samples[firstAfter(this.#samples.length, (i) => this.#samples[i]!.head > lsn)]?.atMs;
  }

  /** Where the head was at a time; undefined before the first that is remembered. */
  headAt(atMs: number): bigint | undefined {
    const samples = this.#samples;
    return samples[firstAfter(samples.length, (i) => samples[i]!.atMs > atMs) - 1]?.head;
  }

  /** Transactions after `lsn`; undefined where it lies before what is remembered. */
  transactionsAfter(lsn: bigint): number | undefined {
    if (this.#from === undefined || lsn < this.#from) return undefined;
    const kept = Math.min(this.#count, MAX_COMMITS);
    const oldest = this.#count - kept;
    return kept - firstAfter(kept, (i) => this.#commits[(oldest + i) % MAX_COMMITS]! > lsn);
  }
}

/** The first index below `length` at which `isAfter` holds, which it does from there on; `length` where it never does. */
function firstAfter(length: number, isAfter: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
