import { failedForWantOf } from '../../db/database-away.ts';
import type { Pool } from '../../db/pool.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { sleep } from '../../platform/sleep.ts';
import { readSharedFacts } from './facts-store.ts';
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

/** Reads what alerts are made of, each part for itself: one that fails takes the others' alerts from nobody. */
export class FactsReader {
  readonly #parts: FactsReaderParts;
  /** Failures that were logged: each once, until it has gone well or something else is wrong. */
  readonly #failures = new Map<FactPart, string>();

  constructor(parts: FactsReaderParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async read(): Promise<FactsRead> {
    const { pool, answerWithinMs } = this.#parts;
    const late = new AbortController();
    const unread: FactPart[] = [];
    try {
      const facts = await Promise.race([this.#readAll(unread), sleep(answerWithinMs, late.signal)]);
      if (facts === undefined) return { answers: false, unread: [] };
      for (const part of FACT_PARTS) if (!unread.includes(part)) this.#failures.delete(part);
      return { answers: true, facts, unread };
    } catch (error) {
      const isAway = await Promise.race([failedForWantOf(pool, error), sleep(answerWithinMs, late.signal)]);
      return { answers: isAway === false, unread: isAway === false ? FACT_PARTS : [] };
    } finally {
      late.abort();
    }
  }

  async #readAll(unread: FactPart[]): Promise<SharedFacts> {
    const { pool, feeds, jobs } = this.#parts;
    const onFailure = async (part: FactPart, error: unknown) => {
      if (await failedForWantOf(pool, error)) throw error;
      unread.push(part);
      const failure = messageOf(error);
      if (failure !== this.#failures.get(part))
        this.#parts.log.error({ err: error, part }, 'what alerts are made of cannot be read');
      this.#failures.set(part, failure);
    };
    const facts = await readSharedFacts(pool, feeds, jobs, onFailure);
    const stalled = await this.#readStalled().catch((error: unknown) => onFailure('stalled', error));
    if (stalled !== LATE) return { ...facts, stalled: stalled ?? undefined };
    unread.push('stalled');
    return { ...facts, stalled: undefined };
  }

  /** It grows with the number of devices: that it takes long does not make Postgres one that does not answer. */
  async #readStalled(): Promise<readonly StalledDevice[] | undefined | typeof LATE> {
    const { stalledDevices, answerWithinMs } = this.#parts;
    const late = new AbortController();
    try {
      const isLate = sleep(answerWithinMs / 2, late.signal).then((): typeof LATE => LATE);
      return await Promise.race([stalledDevices(), isLate]);
    } finally {
      late.abort();
    }
  }
}
