import type { Clock } from '../platform/clock.ts';

/** Sessions that are remembered; the ones unheard for longest go first. */
const MAX_SESSIONS = 50_000;
/** A reader that follows a shape asks at least each long poll, which takes 20 s. */
const SILENT_AFTER_MS = 45_000;
/** After this long it has left rather than fallen silent. */
const FORGOTTEN_AFTER_MS = 900_000;

/** Counts of the readers that named their session. */
export interface ContactCounts {
  /** Asked within the last moments. */
  readonly present: number;
  /** Asked a while ago, and no more: asleep, gone without a word, or cut off by the network. */
  readonly silent: number;
}

/**
 * When each session last asked for anything. What was sent proves nothing: the network takes it and says so, whether or
 * not anybody receives it. Only a request tells that a device is there.
 */
export class ReaderContacts {
  readonly #clock: Clock;
  /** By session, the one unheard for longest first; times in milliseconds. */
  readonly #heardMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request of this session has come. */
  heard(session: string): void {
    this.#heardMs.delete(session);
    this.#heardMs.set(session, this.#nowMs());
    if (this.#heardMs.size > MAX_SESSIONS) this.#heardMs.delete(this.#heardMs.keys().next().value!);
  }

  counts(): ContactCounts {
    const nowMs = this.#nowMs();
    let silent = 0;
    for (const [session, heardMs] of this.#heardMs) {
      const ageMs = nowMs - heardMs;
      if (ageMs <= SILENT_AFTER_MS) break;
      if (ageMs > FORGOTTEN_AFTER_MS) this.#heardMs.delete(session);
      else silent += 1;
    }
    return { present: this.#heardMs.size - silent, silent };
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
