/** Counts since the start, of which only the last minutes matter. */
export interface Counts {
  readonly total: number;
  readonly failed: number;
}

/** Keeps what was counted at each look, and tells what was added within a time. */
export class AnswerWindow {
  readonly #windowMs: number;
  readonly #looks: { readonly atMs: number; readonly counts: Counts }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Notes what is counted now, and resolves with what came within the window. */
  add(atMs: number, counts: Counts): Counts {
    this.#looks.push({ atMs, counts });
    // The newest look that is older than the window stays: it says what had been counted when the window began.
    while (this.#looks.length > 1 && this.#looks[1]!.atMs <= atMs - this.#windowMs) this.#looks.shift();
    const from = this.#looks[0]!.counts;
    return { total: counts.total - from.total, failed: counts.failed - from.failed };
  }
}
