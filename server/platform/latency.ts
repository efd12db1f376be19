/** Upper bounds of the buckets, in seconds. */
export const LATENCY_BOUNDS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** What was observed since the start. */
export interface LatencyCounts {
  /** For each bound, how many observations were at most so long. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sumS: number;
}

/**
 * A histogram of durations that costs its observer a few comparisons and no allocation, so that a hot path can have one.
 * Whoever shows it reads it when it is asked for. One that goes nowhere costs as little.
 */
export class Latency {
  readonly #counts = new Float64Array(LATENCY_BOUNDS_S.length + 1);
  #sumMs = 0;

  /** Notes a duration, in milliseconds. */
  observe(ms: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_S.length && ms > LATENCY_BOUNDS_S[bucket]! * 1000) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sumMs += ms;
  }

  read(): LatencyCounts {
    let count = 0;
    const atMost = LATENCY_BOUNDS_S.map((_, bucket) => (count += this.#counts[bucket]!));
    count += this.#counts[LATENCY_BOUNDS_S.length]!;
    return { atMost, count, sumS: this.#sumMs / 1000 };
  }
}
