import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogPlace, ShapeLog } from './shape-log.ts';

/** How long to wait after the engine had too much to do, in milliseconds. */
const BUSY_MS = 500;
/** Longest stretch of telling before others get their turn, in milliseconds. */
const MAX_STRETCH_MS = 10;

/** A change with its place in the log. */
export interface Placed {
  readonly offset: LogOffset;
}

export interface FeedOptions<Change extends Placed> {
  /** What is followed, for whoever reads the log: `incidents`. */
  readonly what: string;
  readonly log: ShapeLog<Change>;
  readonly logger: Logger;
  /** Tells a change to whom it concerns. */
  readonly tell: (change: Change) => void;
  /** Everything that was committed until now has been told. */
  readonly caughtUp?: () => void;
  /** What was told has no continuation: the log was begun anew, or the table is another. */
  readonly lost: () => void;
}

/** Follows the log of a shape once for all sockets. */
export class Feed<Change extends Placed> implements Service {
  readonly name = 'realtime';
  readonly #options: FeedOptions<Change>;
  #place: LogPlace | undefined;

  constructor(options: FeedOptions<Change>) {
    this.#options = options;
  }

  /** Everything up to here was told, and nothing after it; undefined while the log cannot be read. */
  get place(): LogPlace | undefined {
    return this.#place;
  }

  /** Follows until `signal` aborts or the engine is closed. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#step(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof HaloError)) throw error;
        if (error.code === 'shutting_down') return waitFor(signal);
        const { logger, what } = this.#options;
        logger.warn({ err: error, component: this.name }, `${what} cannot be followed yet`);
        await sleep(BUSY_MS, signal);
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { log, lost } = this.#options;
    if (this.#place === undefined) {
      this.#place = await log.end(signal);
      return;
    }
    const reading = await log.read(this.#place, true, signal);
    if (reading.kind !== 'part') {
      this.#place = undefined;
      lost();
      return;
    }
    await this.#tellAll(reading.changes, this.#place.handle);
    this.#place = { handle: this.#place.handle, offset: reading.end };
    if (reading.upToDate) this.#options.caughtUp?.();
  }

  async #tellAll(changes: readonly Change[], handle: string): Promise<void> {
    let endsAt = performance.now() + MAX_STRETCH_MS;
    for (const change of changes) {
      this.#options.tell(change);
      this.#place = { handle, offset: change.offset };
      if (performance.now() < endsAt) continue;
      await new Promise((resolve) => setImmediate(resolve));
      endsAt = performance.now() + MAX_STRETCH_MS;
    }
  }
}

function waitFor(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
