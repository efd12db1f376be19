import type { Person } from './person.ts';
import type { Tally } from './step.ts';

/** When a row was written, in the text of Postgres; every incident has it, and an update tells it anew. */
const WRITTEN = /"updated_at":"([^"]+)"/g;

/** Where a device stands in a shape; it survives sleep, as a replica does. */
export class Follower {
  readonly #person: Person;
  readonly #tally: () => Tally;
  readonly #path: string;
  #offset = '-1';
  #handle = '';

  /** @param path the shape's, with a query of at least one parameter. */
  constructor(person: Person, tally: () => Tally, path: string) {
    this.#person = person;
    this.#tally = tally;
    this.#path = path;
  }

  /** Catches up, and then waits for news until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    await this.#person.enter(signal);
    const beganAt = performance.now();
    let liveSinceMs: number | undefined;
    while (!signal.aborted) {
      const isUpToDate = await this.#step(signal, liveSinceMs);
      if (!isUpToDate || liveSinceMs !== undefined) continue;
      this.#tally().catchUp.add(performance.now() - beganAt);
      liveSinceMs = Date.now();
    }
  }

  async #step(signal: AbortSignal, liveSinceMs: number | undefined): Promise<boolean> {
    const handle = this.#handle === '' ? '' : `&handle=${this.#handle}`;
    const live = liveSinceMs === undefined ? '' : '&live=true';
    const answer = await this.#person.ask(
      'GET',
      `${this.#path}&offset=${this.#offset}${handle}${live}`,
      signal,
    );
    if (answer === undefined) return false;
    const { status, headers, text } = answer;
    this.#handle = String(headers['electric-handle']);
    this.#offset = status === 409 ? '-1' : String(headers['electric-offset']);
    if (liveSinceMs !== undefined) this.#note(text, liveSinceMs);
    return headers['electric-up-to-date'] !== undefined;
  }

  /** What was written while this device was following, however it was asking at that moment. */
  #note(text: string, liveSinceMs: number): void {
    const nowMs = Date.now();
    for (const [, written] of text.matchAll(WRITTEN)) {
      const writtenMs = Date.parse(`${written!.replace(' ', 'T')}:00`);
      if (writtenMs >= liveSinceMs) this.#tally().delivery.add(nowMs - writtenMs);
    }
  }
}
