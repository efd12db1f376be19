import type { Pool } from '../../db/pool.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { sleep } from '../../platform/sleep.ts';
import { readSharedFacts } from './facts-store.ts';
import type { ReadPart } from './facts-store.ts';
import { FACT_PARTS } from './facts.ts';
import type { FactPart, SharedFacts, StalledDevice } from './facts.ts';

/** What the reader needs from outside. */
export interface FactsReaderParts {
  readonly pool: Pool;
  readonly feeds: readonly string[];
  /** Jobs that keep records. */
  readonly jobs: readonly string[];
  /** Devices that get no further; undefined where it is too early to say that there is none. */
  readonly stalledDevices: () => Promise<readonly StalledDevice[] | undefined>;
  /** Postgres is away when it takes longer to answer, in milliseconds. */
  readonly answerWithinMs: number;
  readonly log: Logger;
}

/** What was read at one look. */
export interface FactsRead {
  /** Whether Postgres answers, in time. One that answers a question of ours with an error is there. */
  readonly answers: boolean;
  /** Undefined where Postgres is away. */
  readonly facts?: SharedFacts;
  /** What could not be read though Postgres answers. */
  readonly unread: readonly FactPart[];
}

const LATE = Symbol('late');

/** Ends a look: nothing more is asked of a Postgres that does not answer. */
class Away extends Error {}

/** Reads what alerts are made of, each part for itself: one that fails or waits takes the others' alerts from nobody. */
export class FactsReader {
  readonly #parts: FactsReaderParts;
  /** Failures that were logged: each once, until it has gone well or something else is wrong. */
  readonly #failures = new Map<FactPart, string>();
  /** Parts of which an answer is still waited for, each with a connection: none is asked for twice at once. */
  readonly #waiting = new Set<FactPart>();

  constructor(parts: FactsReaderParts) {
    this.#parts = parts;
  }

  /** Rejects with nothing that Postgres does. */
  async read(): Promise<FactsRead> {
    const { pool, feeds, jobs, stalledDevices } = this.#parts;
    const unread: FactPart[] = [];
    const readPart: ReadPart = (part, reading) => this.#readPart(part, reading, unread);
    try {
      const facts = await readSharedFacts(pool, feeds, jobs, readPart);
      const stalled = await readPart('stalled', stalledDevices);
      // Where all wait none has shown that Postgres is still there.
      if (unread.length === FACT_PARTS.length && !(await this.#answers())) throw new Away();
      for (const part of FACT_PARTS) if (!unread.includes(part)) this.#failures.delete(part);
      return { answers: true, facts: { ...facts, stalled }, unread };
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      return { answers: false, unread: [] };
    }
  }

  async #readPart<T>(part: FactPart, reading: () => Promise<T>, unread: FactPart[]): Promise<T | undefined> {
    const fails = (failure: string, error?: unknown) => {
      unread.push(part);
      if (failure !== this.#failures.get(part))
        this.#parts.log.error({ err: error, part, failure }, 'what alerts are made of cannot be read');
      this.#failures.set(part, failure);
      return undefined;
    };
    if (this.#waiting.has(part)) return fails('late');
    try {
      const read = await this.#inTime(this.#remembered(part, reading));
      if (read !== LATE) return read;
    } catch (error) {
      // Also what says by its code that Postgres is away: a lone connection may have broken.
      if (!(await this.#answers())) throw new Away();
      return fails(messageOf(error), error);
    }
    // A lock on its table, or its size: neither makes Postgres one that does not answer.
    if (!(await this.#answers())) throw new Away();
    return fails('late');
  }

  async #remembered<T>(part: FactPart, reading: () => Promise<T>): Promise<T> {
    this.#waiting.add(part);
    try {
      return await reading();
    } finally {
      this.#waiting.delete(part);
    }
  }

  async #answers(): Promise<boolean> {
    const answer = this.#inTime(this.#parts.pool.query('SELECT 1'));
    return answer.then(
      (read) => read !== LATE,
      () => false,
    );
  }

  /** Half of the time that Postgres has: the other half is for asking whether it is there. */
  async #inTime<T>(reading: Promise<T>): Promise<T | typeof LATE> {
    const late = new AbortController();
    try {
      const isLate = sleep(this.#parts.answerWithinMs / 2, late.signal).then((): typeof LATE => LATE);
      return await Promise.race([reading, isLate]);
    } finally {
      late.abort();
    }
  }
}
