/** Each bound is so much above the one before: a percentile is at most this share too high. */
const GROWTH = 1.05;
const LEAST_MS = 0.1;
/** Up to some twenty minutes; what is longer counts as that. */
const BUCKETS = 330;

/** Durations in milliseconds, in a memory that does not grow with their number. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / Math.log(GROWTH));
    const index = Math.min(BUCKETS - 1, bucket);
    this.#counts[index] = this.#counts[index]! + 1;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The duration that this share (0 to 1) of all does not exceed, by nearest rank; NaN of none. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return LEAST_MS * GROWTH ** bucket;
    }
    return NaN;
  }
}
