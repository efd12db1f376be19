import type { Clock } from '../platform/clock.ts';

/** Readers that are remembered; the ones unheard for longest go first. */
const MAX_READERS = 50_000;
/** A reader that follows a shape asks at least each long poll, which takes 20 s. */
const SILENT_AFTER_MS = 45_000;
/** After this long it has left rather than fallen silent. */
const FORGOTTEN_AFTER_MS = 900_000;

/** Counts of the readers that follow something. */
export interface ContactCounts {
  /** Asked within the last moments. */
  readonly present: number;
  /** Asked a while ago, and no more: asleep, gone without a word, or cut off by the network. */
  readonly silent: number;
  /** Whether it has been listened for as long as silent ones are remembered. Before, others may have fallen silent. */
  readonly isWhole: boolean;
}

/**
 * When each reader last asked for anything. What was sent proves nothing: the network takes it and says so, whether or
 * not anybody receives it. Only a request tells that a device is there. A reader is a log-in of somebody whom the server knows: a
 * name of the client's own could be made up by anybody, and is another one after each reload.
 */
export class ReaderContacts {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  /** By log-in, the one unheard for longest first; times in milliseconds. */
  readonly #heardMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = this.#nowMs();
  }

  /** A request of this log-in has come. */
  heard(logIn: string): void {
    this.#heardMs.delete(logIn);
    this.#heardMs.set(logIn, this.#nowMs());
    if (this.#heardMs.size > MAX_READERS) this.#heardMs.delete(this.#heardMs.keys().next().value!);
  }

  counts(): ContactCounts {
    const nowMs = this.#nowMs();
    let silent = 0;
    for (const [logIn, heardMs] of this.#heardMs) {
      const ageMs = nowMs - heardMs;
      if (ageMs <= SILENT_AFTER_MS) break;
      if (ageMs > FORGOTTEN_AFTER_MS) this.#heardMs.delete(logIn);
      else silent += 1;
    }
    const isWhole = nowMs - this.#sinceMs > FORGOTTEN_AFTER_MS;
    return { present: this.#heardMs.size - silent, silent, isWhole };
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
