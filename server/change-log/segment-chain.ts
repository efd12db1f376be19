import { rm } from 'node:fs/promises';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { PendingFrame } from './segment-writer.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { Segment } from './segment.ts';
import { beginSegment, recoverSegments, removeSegments } from './segments.ts';

export interface SegmentChainOptions {
  readonly dir: string;
  /** Oldest segments go when all of them together are larger than this. */
  readonly maxBytes: number;
  /** Segments go when nothing was written to them for longer than this, in milliseconds. */
  readonly maxAgeMs: number;
  readonly segmentBytes: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The segment being written and its predecessors, of which at least one is kept for those who still read it. */
const KEPT_SEGMENTS = 2;
/** A segment is ended after this part of the age at which it goes, so that little is kept for longer. */
const AGE_PARTS = 8;

/** The log's files: segments that follow each other without a gap, the newest of them being written. */
export class SegmentChain {
  readonly #options: SegmentChainOptions;
  #segments: Segment[];
  #writer: SegmentWriter;
  /** When the newest segment was begun; of one that was found, the time of the one before it. */
  #begunAtMs: number;

  private constructor(options: SegmentChainOptions, segments: Segment[], writer: SegmentWriter) {
    this.#options = options;
    this.#segments = segments;
    this.#writer = writer;
    this.#begunAtMs = (segments.at(-2) ?? writer.segment).writtenAtMs;
  }

  /** Recovers what is in the directory; an empty one gets a first segment at no epoch. */
  static async open(options: SegmentChainOptions): Promise<SegmentChain> {
    const found = await recoverSegments(options.dir);
    const segments = found.length > 0 ? found : [await beginSegment(options.dir, '', 0n, nowOf(options))];
    return new SegmentChain(options, segments, await SegmentWriter.open(segments.at(-1)!));
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }
  get writer(): SegmentWriter {
    return this.#writer;
  }
  get newest(): Segment {
    return this.#writer.segment;
  }
  get start(): bigint {
    return this.#segments[0]!.header.base;
  }
  /** End of the newest segment that is half as old, or as far back, as one that is trimmed; `start` where none is. */
  get aging(): bigint {
    const { maxAgeMs, maxBytes } = this.#options;
    const nowMs = nowOf(this.#options);
    let bytes = this.newest.end;
    for (const segment of this.#segments.slice(0, -1).toReversed()) {
      bytes += segment.end;
      if (nowMs - segment.writtenAtMs > maxAgeMs / 2 || bytes > maxBytes / 2) return segment.position;
    }
    return this.start;
  }
  get bytes(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** An LSN that every transaction with an id at or after `xid` lies behind; undefined when there is none. */
  before(xid: number): bigint | undefined {
    for (const { index } of this.#segments) {
      const lsn = index.before(xid);
      if (lsn !== undefined) return lsn;
    }
    return undefined;
  }

  write(frames: readonly PendingFrame[]): Promise<void> {
    return this.#writer.write(frames);
  }

  /**
   * Ends the newest segment when it is full, or old, and no transaction is half in it, and trims. Returns the position
   * that is on disk then; undefined when no segment was ended.
   */
  async rotateIfDue(): Promise<bigint | undefined> {
    const nowMs = nowOf(this.#options);
    if (this.#isDue(nowMs)) return this.#rotate(nowMs);
    await this.#trim(nowMs);
    return undefined;
  }

  /**
   * Ends the newest segment if it holds something at or before `lsn`, unless a transaction is half in it, so that it can be
   * forgotten. Returns the position that is on disk then; undefined when none was ended.
   */
  async endBehind(lsn: bigint): Promise<bigint | undefined> {
    const { withinTransaction, segment } = this.#writer;
    const holdsSome = segment.header.base < lsn && segment.position > segment.header.base;
    return holdsSome && !withinTransaction ? this.#rotate(nowOf(this.#options)) : undefined;
  }

  /** Removes the ended segments that hold anything at or before `lsn`. */
  async forget(lsn: bigint): Promise<void> {
    while (this.#segments.length > 1 && this.#segments[0]!.header.base < lsn) await this.#removeOldest();
  }

  async #rotate(nowMs: number): Promise<bigint> {
    const full = this.#writer;
    await full.finish();
    const { header, position } = full.segment;
    full.segment.writtenAtMs = nowMs;
    const segment = await beginSegment(this.#options.dir, header.epoch, position, nowMs);
    this.#begunAtMs = nowMs;
    this.#writer = await SegmentWriter.open(segment);
    this.#segments.push(segment);
    // Waits for a sync of the full segment that is still under way.
    await full.close();
    await this.#trim(nowMs);
    return position;
  }

  /** Removes everything and begins again after `base`. */
  async reset(epoch: string, base: bigint): Promise<void> {
    await this.#writer.close();
    await removeSegments(this.#options.dir);
    const nowMs = nowOf(this.#options);
    const segment = await beginSegment(this.#options.dir, epoch, base, nowMs);
    this.#begunAtMs = nowMs;
    this.#writer = await SegmentWriter.open(segment);
    this.#segments = [segment];
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #isDue(nowMs: number): boolean {
    const { written, withinTransaction, segment } = this.#writer;
    if (withinTransaction) return false;
    if (written >= this.#options.segmentBytes) return true;
    const isOld = nowMs - this.#begunAtMs > this.#options.maxAgeMs / AGE_PARTS;
    return isOld && segment.position > segment.header.base;
  }

  #mayGo(oldest: Segment, nowMs: number): boolean {
    if (this.#segments.length > KEPT_SEGMENTS && this.bytes > this.#options.maxBytes) return true;
    return this.#segments.length > 1 && nowMs - oldest.writtenAtMs > this.#options.maxAgeMs;
  }

  async #trim(nowMs: number): Promise<void> {
    while (this.#mayGo(this.#segments[0]!, nowMs)) await this.#removeOldest();
  }

  async #removeOldest(): Promise<void> {
    const oldest = this.#segments.shift()!;
    await rm(oldest.path);
    const { logger } = this.#options;
    logger.info({ start: String(this.start) }, 'the oldest segment of the change log was trimmed');
  }
}

function nowOf({ clock }: SegmentChainOptions): number {
  return clock.now().getTime();
}
