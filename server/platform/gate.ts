import { HaloError } from './errors.ts';

/** The answer to more work than the server takes on; the reader comes back after a while. */
export function busy(what: string): HaloError {
  return new HaloError('busy', `Too many ${what} at once.`, {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 1 },
  });
}

/** Lets a bounded number of tasks run at once and a bounded number wait for their turn. */
export class Gate {
  readonly #what: string;
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(what: string, maxRunning: number, maxWaiting: number) {
    this.#what = what;
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** Tasks that wait for their turn. */
  get queued(): number {
    return this.#waiting.length;
  }

  /** Runs `task` when its turn comes; throws `busy` when too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#maxRunning) {
      if (this.#waiting.length >= this.#maxWaiting) throw busy(this.#what);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // The turn is handed on, so that nobody slips in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
