import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import type { IncidentChange } from './incident-change.ts';
import type { IncidentLog, LogPlace } from './incident-log.ts';

/** How long to wait after the engine had too much to do, in milliseconds. */
const BUSY_MS = 500;
/** Longest stretch of telling before others get their turn, in milliseconds. */
const MAX_STRETCH_MS = 10;

export interface FeedOptions {
  readonly log: IncidentLog;
  readonly logger: Logger;
  /** Tells a change to whom it concerns. */
  readonly tell: (change: IncidentChange) => void;
  /** What was told has no continuation: the log was begun anew, or the table is another. */
  readonly lost: () => void;
}

/** Follows the log of incidents once for all sockets. */
export class Feed implements Service {
  readonly name = 'realtime';
  readonly #options: FeedOptions;
  #place: LogPlace | undefined;

  constructor(options: FeedOptions) {
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
        this.#options.logger.warn({ err: error, component: this.name }, 'incidents cannot be followed yet');
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
  }

  async #tellAll(changes: readonly IncidentChange[], handle: string): Promise<void> {
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
