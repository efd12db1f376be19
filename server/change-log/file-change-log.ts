import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { HaloError, isHaloError, messageOf } from '../platform/errors.ts';
import { systemClock } from '../platform/clock.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { makePrivateDirectory } from '../platform/private-directory.ts';
import type { ChangeLog, ChangeLogWriter, LogChunk } from './change-log.ts';
import { encodePosition } from './codec.ts';
import { FRAME_KINDS } from './frame.ts';
import { readChunks } from './read-chunks.ts';
import { SegmentChain } from './segment-chain.ts';
import { pendingFrame } from './segment-writer.ts';
import type { PendingFrame } from './segment-writer.ts';
import { removeSegments } from './segments.ts';
import { Staging } from './staging.ts';
import { trimmed } from './trimmed.ts';
import type { CommittedTransaction } from './staging.ts';
import { TailCache } from './tail-cache.ts';
import { PositionWaiters } from './position-waiters.ts';

export interface ChangeLogOptions {
  /** Directory of the segments. */
  readonly dir: string;
  /** Oldest segments go when all of them together are larger than this. */
  readonly maxBytes?: number;
  /** Segments go when they are older than this, in milliseconds: not at once, but at the next sync. */
  readonly maxAgeMs?: number;
  /** The system's unless a test stands elsewhere in time. */
  readonly clock?: Clock;
  readonly segmentBytes?: number;
  /** Bound of the decoded tail in memory. */
  readonly cacheBytes?: number;
  /** Pieces of a transaction that is still being received are written once they are larger than this. */
  readonly spillBytes?: number;
  readonly logger: Logger;
}

/** The change log in files. One instance per directory. */
export interface FileChangeLog extends ChangeLog, ChangeLogWriter {
  /** Bytes on disk, for operators. */
  bytes(): number;
  /** Begins a new segment, so that what was committed up to `lsn` can be forgotten without what comes later. */
  endBehind(lsn: bigint): Promise<void>;
  /** Drops ended segments that hold anything up to `lsn`, also from memory; for readers behind it is trimmed. */
  forget(lsn: bigint): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;
/** Whoever was away for longer fetches his shapes anew; what was deleted longer ago is gone from the log, too. */
const DEFAULT_MAX_AGE_MS = 30 * 24 * 3_600_000;
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;
const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;
/** Frames that wait are written before more are taken, once they are larger than this. */
const DEFAULT_SPILL_BYTES = 1024 * 1024;

/**
 * Opens the log in `dir`, cutting a torn tail (invariant 4). A log damaged in the middle is begun anew, at an
 * epoch that nobody has, so that no position in it is honoured. An empty log has the epoch ''.
 */
export async function openChangeLog(options: ChangeLogOptions): Promise<FileChangeLog> {
  const { dir, cacheBytes = DEFAULT_CACHE_BYTES, spillBytes = DEFAULT_SPILL_BYTES } = options;
  const logger = options.logger.child({ component: 'change-log' });
  const {
    maxBytes = DEFAULT_MAX_BYTES,
    maxAgeMs = DEFAULT_MAX_AGE_MS,
    segmentBytes = DEFAULT_SEGMENT_BYTES,
    clock = systemClock,
  } = options;
  await makePrivateDirectory(dir);
  const open = () => SegmentChain.open({ dir, maxBytes, maxAgeMs, segmentBytes, logger, clock });
  try {
    return new SegmentedChangeLog(await open(), cacheBytes, spillBytes);
  } catch (error) {
    if (!isHaloError(error, 'change_log_damaged')) throw error;
    logger.error({ err: error }, 'the change log is damaged and begun anew');
    await removeSegments(dir);
    return new SegmentedChangeLog(await open(), cacheBytes, spillBytes);
  }
}

class SegmentedChangeLog implements FileChangeLog {
  readonly #chain: SegmentChain;
  readonly #cache: TailCache;
  readonly #staging: Staging;
  readonly #spillBytes: number;
  readonly #listeners = new Set<() => void>();
  readonly #waiters = new PositionWaiters();
  /** The end of the writers' queue. */
  #writing: Promise<void> = Promise.resolve();
  /** Frames of committed transactions that wait for the write under way: the next one takes them all. */
  #frames: PendingFrame[] = [];
  #frameBytes = 0;
  /** The transactions of those frames, and of the write under way. */
  #unwritten: CommittedTransaction[] = [];
  /** Why the last write failed; nothing may be written behind the gap until it is abandoned. */
  #failure: Error | undefined;
  #position: bigint;
  #durable: bigint;

  constructor(chain: SegmentChain, cacheBytes: number, spillBytes: number) {
    this.#spillBytes = spillBytes;
    this.#chain = chain;
    this.#position = chain.newest.position;
    this.#durable = this.#position;
    this.#cache = new TailCache(cacheBytes, this.#position);
    this.#staging = new Staging(cacheBytes);
  }

  get epoch(): string {
    return this.#chain.newest.header.epoch;
  }
  start(): bigint {
    return this.#chain.start;
  }
  position(): bigint {
    return this.#position;
  }
  aging(): bigint {
    return this.#chain.aging;
  }
  durable(): bigint {
    return this.#durable;
  }
  bytes(): number {
    return this.#chain.bytes;
  }
  covers({ lsn, op }: LogOffset): boolean {
    return lsn > this.start() || (lsn === this.start() && op === 'end');
  }

  read(after: LogOffset): AsyncIterable<LogChunk> {
    if (!this.covers(after)) throw trimmed();
    return readChunks(after, this.#position, this.#cache, this.#chain.segments);
  }

  offsetBefore(xid: number): LogOffset {
    return { kind: 'log', lsn: this.#chain.before(xid) ?? this.#position, op: 'end' };
  }

  whenReached(lsn: bigint, signal: AbortSignal): Promise<void> {
    return lsn <= this.#position ? Promise.resolve() : this.#waiters.wait(lsn, signal);
  }
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async append(chunk: Omit<LogChunk, 'last'>): Promise<void> {
    this.#staging.add(chunk);
    if (this.#frameBytes + this.#staging.frameBytes <= this.#spillBytes) return;
    await this.#exclusive(() => this.#write(true));
  }

  async commit(lsn: bigint): Promise<void> {
    const before = this.#unwritten.at(-1)?.reach ?? this.#position;
    if (lsn <= before) throw new RangeError(`commit at ${lsn} does not follow ${before}`);
    const { frames, transaction } = this.#staging.commit(lsn);
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#frameBytes += frame.bytes.length;
    }
    this.#unwritten.push(transaction);
    // The first of those that wait writes for all.
    await this.#exclusive(() => this.#write(false));
    if (this.#position < lsn) throw new HaloError('change_log_unwritten', 'A transaction was not written.');
  }

  abandon(): void {
    this.#staging.clear();
    if (this.#failure !== undefined) this.#forgetUnwritten();
    void this.#exclusive(() => {
      const { writer } = this.#chain;
      if (writer.withinTransaction) writer.abandon();
      return Promise.resolve();
    });
  }

  advance(lsn: bigint): Promise<void> {
    const last = this.#unwritten.at(-1);
    if (last === undefined) {
      if (lsn > this.#position) this.#reach(lsn);
    } else if (lsn > last.reach) last.reach = lsn;
    return Promise.resolve();
  }

  async sync(): Promise<bigint> {
    const { reached, writer } = await this.#exclusive(async () => {
      await this.#write(false);
      // Also a log that nothing is written to grows old.
      await this.#rotate();
      const { writer } = this.#chain;
      // Between the pieces of a transaction no position may be written: they would look committed.
      if (!writer.withinTransaction && writer.segment.position < this.#position) {
        await writer.write([pendingFrame(FRAME_KINDS.position, encodePosition(this.#position))]);
      }
      return { reached: writer.segment.position, writer };
    });
    // The disk is slow: transactions are written on while it syncs.
    await writer.sync();
    this.#syncedTo(reached);
    return this.#durable;
  }

  reset(epoch: string, lsn: bigint): Promise<void> {
    this.#staging.clear();
    this.#forgetUnwritten();
    return this.#exclusive(async () => {
      await this.#chain.reset(epoch, lsn);
      this.#durable = lsn;
      this.#cache.clear(lsn);
      this.#reach(lsn);
    });
  }

  endBehind(lsn: bigint): Promise<void> {
    return this.#exclusive(async () => {
      await this.#write(false);
      this.#syncedTo(await this.#chain.endBehind(lsn));
    });
  }

  forget(lsn: bigint): Promise<void> {
    return this.#exclusive(async () => {
      await this.#chain.forget(lsn);
      this.#cache.clear(this.#position);
    });
  }

  async close(): Promise<void> {
    this.#waiters.rejectAll(new HaloError('change_log_closed', 'The change log is closed.', { status: 503 }));
    await this.#exclusive(async () => {
      try {
        await this.#write(false);
        await this.#chain.writer.sync();
      } finally {
        await this.#chain.close();
      }
    });
  }

  /** Runs the file's writers one after the other. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#writing.then(work);
    this.#writing = run.then(
      () => {},
      () => {},
    );
    return run;
  }

  /** Writes what is committed, and with `spill` also the pieces of the transaction under way. */
  async #write(spill: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const frames = this.#frames;
    const transactions = this.#unwritten.length;
    this.#frames = [];
    this.#frameBytes = 0;
    if (spill) frames.push(...this.#staging.takeFrames());
    if (frames.length === 0) return;
    try {
      await this.#chain.write(frames);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      throw error;
    }
    this.#publish(this.#unwritten.splice(0, transactions));
    await this.#rotate();
  }

  async #rotate(): Promise<void> {
    this.#syncedTo(await this.#chain.rotateIfDue());
  }

  #syncedTo(lsn = 0n): void {
    if (lsn > this.#durable) this.#durable = lsn;
  }

  #forgetUnwritten(): void {
    this.#frames = [];
    this.#frameBytes = 0;
    this.#unwritten = [];
    this.#failure = undefined;
  }

  #publish(transactions: readonly CommittedTransaction[]): void {
    for (const { lsn, chunks, bytes } of transactions) this.#cache.add(lsn, chunks, bytes);
    if (transactions.length > 0) this.#reach(transactions.at(-1)!.reach);
  }

  #reach(lsn: bigint): void {
    this.#position = lsn;
    this.#announce();
  }

  #announce(): void {
    this.#waiters.reached(this.#position);
    for (const listener of this.#listeners) listener();
  }
}
