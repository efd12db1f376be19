import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog, ChangeLogWriter, LogChunk } from '../../server/change-log/change-log.ts';
import { HaloError } from '../../server/platform/errors.ts';

/** A change log in memory, for tests: the second implementation of the contract. */
export class MemoryChangeLog implements ChangeLog, ChangeLogWriter {
  #epoch: string;
  #start: bigint;
  #position: bigint;
  #chunks: LogChunk[] = [];
  #open: Omit<LogChunk, 'last'>[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(epoch = 'memory', start = 0n) {
    this.#epoch = epoch;
    this.#start = start;
    this.#position = start;
  }

  get epoch(): string {
    return this.#epoch;
  }

  start(): bigint {
    return this.#start;
  }

  position(): bigint {
    return this.#position;
  }

  aging(): bigint {
    return this.#start;
  }

  covers(offset: LogOffset): boolean {
    return offset.lsn >= this.#start && offset.lsn <= this.#position;
  }

  async *read(after: LogOffset): AsyncGenerator<LogChunk> {
    if (!this.covers(after)) throw new HaloError('offset_trimmed', 'the log begins after this offset');
    const until = this.#position;
    for (const chunk of [...this.#chunks]) {
      if (chunk.lsn > until) return;
      const changes = chunk.changes.filter(({ position }) => {
        return compareLogOffsets({ kind: 'log', lsn: chunk.lsn, op: position }, after) > 0;
      });
      // An empty piece may be the one that ends its transaction.
      const within = chunk.lsn === after.lsn && after.op !== 'end';
      if (chunk.lsn > after.lsn || within) yield { ...chunk, changes };
    }
  }

  offsetBefore(_xid: number): LogOffset {
    return { kind: 'log', lsn: this.#start, op: 'end' };
  }

  whenReached(lsn: bigint, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        stop();
        signal.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => end(() => reject(signal.reason as Error));
      const stop = this.onAdvance(() => {
        if (this.#position >= lsn) end(resolve);
      });
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else if (this.#position >= lsn) end(resolve);
    });
  }

  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async append(chunk: Omit<LogChunk, 'last'>): Promise<void> {
    this.#open.push(chunk);
  }

  async commit(lsn: bigint): Promise<void> {
    this.#open.forEach((chunk, i) => this.#chunks.push({ ...chunk, last: i === this.#open.length - 1 }));
    this.#open = [];
    await this.advance(lsn);
  }

  abandon(): void {
    this.#open = [];
  }

  async advance(lsn: bigint): Promise<void> {
    if (lsn <= this.#position) return;
    this.#position = lsn;
    for (const listener of [...this.#listeners]) listener();
  }

  async sync(): Promise<bigint> {
    return this.#position;
  }

  durable(): bigint {
    return this.#position;
  }

  async reset(epoch: string, lsn: bigint): Promise<void> {
    this.#epoch = epoch;
    this.#start = lsn;
    this.#position = lsn;
    this.#chunks = [];
    this.#open = [];
    for (const listener of [...this.#listeners]) listener();
  }

  /** Forgets what was committed at or before `lsn`. */
  trim(lsn: bigint): void {
    this.#start = lsn;
    this.#chunks = this.#chunks.filter((chunk) => chunk.lsn > lsn);
  }
}
