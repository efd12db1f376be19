import { mkdir, rm } from 'node:fs/promises';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { ChangeLog, ChangeLogWriter, LogChunk } from './change-log.ts';
import { encodeCommit, encodePiece, encodePosition } from './codec.ts';
import { FRAME_KINDS } from './frame.ts';
import { readChunks } from './read-chunks.ts';
import type { Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { beginSegment, recoverSegments, removeSegments } from './segments.ts';
import { splitPiece } from './split-piece.ts';
import { TailCache } from './tail-cache.ts';
import { PositionWaiters } from './position-waiters.ts';

export interface ChangeLogOptions {
  /** Directory of the segments. */
  readonly dir: string;
  /** Oldest segments go when all of them together are larger than this. */
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
  /** Bound of the decoded tail in memory. */
  readonly cacheBytes?: number;
  readonly logger: Logger;
}

/** The change log in files. One instance per directory. */
export interface FileChangeLog extends ChangeLog, ChangeLogWriter {
  /** Bytes on disk, for operators. */
  bytes(): number;
  close(): Promise<void>;
}

const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;
const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;
/** Pieces of a transaction under way are written out once they are larger than this. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Opens the log in `dir`, cutting a torn tail (invariant 4). A log damaged in the middle is begun anew, at an
 * epoch that nobody has, so that no position in it is honoured. An empty log has the epoch ''.
 */
export async function openChangeLog(options: ChangeLogOptions): Promise<FileChangeLog> {
  await mkdir(options.dir, { recursive: true });
  let segments: Segment[];
  try {
    segments = await recoverSegments(options.dir);
  } catch (error) {
    if (!isHaloError(error, 'change_log_damaged')) throw error;
    options.logger.error({ err: error, component: 'change-log' }, 'the change log is damaged and begun anew');
    await removeSegments(options.dir);
    segments = [];
  }
  if (segments.length === 0) segments = [await beginSegment(options.dir, '', 0n)];
  return new SegmentedChangeLog(options, segments, await SegmentWriter.open(segments.at(-1)!));
}

class SegmentedChangeLog implements FileChangeLog {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #cache: TailCache;
  readonly #listeners = new Set<() => void>();
  readonly #waiters = new PositionWaiters();
  readonly #logger: Logger;
  #segments: Segment[];
  /** Of the newest segment. */
  #writer: SegmentWriter;
  #writing: Promise<void> = Promise.resolve();
  #position: bigint;
  #durable: bigint;
  /** Pieces since the last commit; undefined once they are too many to keep in memory. */
  #staged: Omit<LogChunk, 'last'>[] | undefined = [];
  #stagedBytes = 0;
  #stagedXid = 0;
  readonly #cacheBytes: number;

  constructor(options: ChangeLogOptions, segments: Segment[], writer: SegmentWriter) {
    this.#dir = options.dir;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    this.#cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    this.#logger = options.logger.child({ component: 'change-log' });
    this.#segments = segments;
    this.#writer = writer;
    this.#position = this.#newest().position;
    this.#durable = this.#position;
    this.#cache = new TailCache(this.#cacheBytes, this.#position);
  }

  get epoch(): string {
    return this.#newest().header.epoch;
  }
  start(): bigint {
    return this.#segments[0]!.header.base;
  }
  position(): bigint {
    return this.#position;
  }
  durable(): bigint {
    return this.#durable;
  }
  bytes(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }
  covers({ lsn, op }: LogOffset): boolean {
    return lsn > this.start() || (lsn === this.start() && op === 'end');
  }

  read(after: LogOffset): AsyncIterable<LogChunk> {
    if (!this.covers(after)) throw trimmed();
    return readChunks(after, this.#position, this.#cache, this.#segments);
  }

  offsetBefore(xid: number): LogOffset {
    for (const segment of this.#segments) {
      const lsn = segment.index.before(xid);
      if (lsn !== undefined) return { kind: 'log', lsn, op: 'end' };
    }
    return { kind: 'log', lsn: this.#position, op: 'end' };
  }

  whenReached(lsn: bigint, signal: AbortSignal): Promise<void> {
    return lsn <= this.#position ? Promise.resolve() : this.#waiters.wait(lsn, signal);
  }
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async append(chunk: Omit<LogChunk, 'last'>): Promise<void> {
    this.#stagedXid = chunk.xid;
    for (const piece of splitPiece(chunk)) {
      const payload = encodePiece(piece);
      this.#writer.add(FRAME_KINDS.piece, payload);
      if (this.#writer.pendingBytes > WRITE_BYTES) await this.#exclusive(() => this.#writer.flush());
      this.#stagedBytes += payload.length;
      this.#staged?.push(piece);
      if (this.#stagedBytes > this.#cacheBytes) this.#staged = undefined;
    }
  }

  async commit(lsn: bigint): Promise<void> {
    if (lsn <= this.#position) throw new RangeError(`commit at ${lsn} does not follow ${this.#position}`);
    this.#writer.add(FRAME_KINDS.commit, encodeCommit(lsn, this.#stagedXid));
    await this.#exclusive(async () => {
      await this.#writer.flush();
      const staged = this.#staged;
      const last = staged === undefined ? -1 : staged.length - 1;
      const chunks = staged?.map((piece, index) => ({ ...piece, last: index === last }));
      this.#cache.add(lsn, chunks, this.#stagedBytes);
      this.#unstage();
      this.#reach(lsn);
      if (this.#writer.written >= this.#segmentBytes) await this.#rotate();
    });
  }

  abandon(): void {
    this.#writer.abandon();
    this.#unstage();
  }

  async advance(lsn: bigint): Promise<void> {
    if (lsn > this.#position) this.#reach(lsn);
  }

  async sync(): Promise<bigint> {
    const { reached, writer } = await this.#exclusive(async () => {
      const writer = this.#writer;
      // Between the pieces of a transaction no position may be written: they would look committed.
      if (writer.betweenTransactions && writer.segment.position < this.#position) {
        writer.add(FRAME_KINDS.position, encodePosition(this.#position));
        await writer.flush();
      }
      return { reached: writer.segment.position, writer };
    });
    // The disk is slow: transactions are written on while it syncs.
    await writer.sync();
    if (reached > this.#durable) this.#durable = reached;
    return this.#durable;
  }

  reset(epoch: string, lsn: bigint): Promise<void> {
    return this.#exclusive(async () => {
      await this.#writer.close();
      await removeSegments(this.#dir);
      this.#segments = [await beginSegment(this.#dir, epoch, lsn)];
      this.#writer = await SegmentWriter.open(this.#newest());
      this.#position = lsn;
      this.#durable = lsn;
      this.#cache.clear(lsn);
      this.#unstage();
      this.#announce();
    });
  }

  async close(): Promise<void> {
    this.#waiters.rejectAll(new HaloError('change_log_closed', 'The change log is closed.', { status: 503 }));
    await this.#exclusive(async () => {
      await this.#writer.sync();
      await this.#writer.close();
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

  #newest(): Segment {
    return this.#segments.at(-1)!;
  }

  #unstage(): void {
    this.#staged = [];
    this.#stagedBytes = 0;
  }

  #reach(lsn: bigint): void {
    this.#position = lsn;
    this.#announce();
  }

  #announce(): void {
    this.#waiters.reached(this.#position);
    for (const listener of this.#listeners) listener();
  }

  async #rotate(): Promise<void> {
    const full = this.#writer;
    await full.sync();
    const base = full.segment.position;
    if (base > this.#durable) this.#durable = base;
    const segment = await beginSegment(this.#dir, this.epoch, base);
    this.#writer = await SegmentWriter.open(segment);
    this.#segments.push(segment);
    // Waits for a sync of the full segment that is still under way.
    await full.close();
    while (this.#segments.length > 2 && this.bytes() > this.#maxBytes) {
      const oldest = this.#segments.shift()!;
      await rm(oldest.path);
      this.#logger.info({ start: String(this.start()) }, 'the oldest segment of the change log was trimmed');
    }
  }
}

/** The error of a reader that has fallen behind the log's start. */
function trimmed(): HaloError {
  return new HaloError('offset_trimmed', 'The log no longer reaches back to this offset.', { status: 409 });
}
