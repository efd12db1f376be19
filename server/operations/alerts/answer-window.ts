/** Counts since the start, of which only the last minutes matter. */
export interface Counts {
  readonly total: number;
  readonly failed: number;
}

/** What was counted within the window. */
export interface WindowCounts extends Counts {
  /** Whether it was counted for as long as the window; before, what led to an alert may lie before the start. */
  readonly isWhole: boolean;
}

/** Keeps what was counted at each look, and tells what was added within a time. */
export class AnswerWindow {
  readonly #windowMs: number;
  readonly #looks: { readonly atMs: number; readonly counts: Counts }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Notes what is counted now, and resolves with what came within the window. */
  add(atMs: number, counts: Counts): WindowCounts {
    this.#looks.push({ atMs, counts });
    // The newest look that is older than the window stays: it says what had been counted when the window began.
    while (this.#looks.length > 1 && this.#looks[1]!.atMs <= atMs - this.#windowMs) this.#looks.shift();
    const { atMs: fromMs, counts: from } = this.#looks[0]!;
    const isWhole = atMs - fromMs >= this.#windowMs;
    return { total: counts.total - from.total, failed: counts.failed - from.failed, isWhole };
  }
}
