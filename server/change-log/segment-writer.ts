import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { HaloError } from '../platform/errors.ts';
import { encodeFrame } from './frame.ts';
import type { FrameKind } from './frame.ts';
import { note } from './segment.ts';
import type { Segment } from './segment.ts';

interface PendingFrame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
  readonly bytes: Buffer;
}

/** Writes frames at the end of the newest segment. `flush` must not run twice at once. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #file: FileHandle;
  /** End of what has been written, pieces not yet committed included. */
  #written: number;
  /** Frames that wait to go to the file in one write. */
  #pending: PendingFrame[] = [];
  #pendingBytes = 0;
  /** Abandoned frames lie behind `#written`. */
  #stale = false;
  /** Why nothing can be trusted to be on disk any more. */
  #broken: HaloError | undefined;

  private constructor(segment: Segment, file: FileHandle) {
    this.segment = segment;
    this.#file = file;
    this.#written = segment.end;
  }

  /** Opens the segment, and syncs it: after a crash of the process its end may not be on disk yet. */
  static async open(segment: Segment): Promise<SegmentWriter> {
    const file = await open(segment.path, 'r+');
    await file.datasync();
    return new SegmentWriter(segment, file);
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }
  get written(): number {
    return this.#written;
  }
  /** Whether no piece of an uncommitted transaction has been added or written. */
  get betweenTransactions(): boolean {
    return this.#written === this.segment.end && this.#pendingBytes === 0;
  }

  add(kind: FrameKind, payload: Buffer): void {
    const bytes = encodeFrame(kind, payload);
    this.#pending.push({ kind, payload, bytes });
    this.#pendingBytes += bytes.length;
  }

  /** Writes what is pending. When it fails (a full disk), the transaction under way must be abandoned. */
  async flush(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    // Taken out before the write: what is added while it runs belongs to the next one.
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#stale) {
      // Left there, a whole abandoned piece could after a crash stand before the commit of another transaction.
      await this.#file.truncate(this.#written);
      this.#stale = false;
    }
    const bytes =
      pending.length === 1 ? pending[0]!.bytes : Buffer.concat(pending.map((frame) => frame.bytes));
    await this.#writeAll(bytes);
    for (const frame of pending) {
      this.#written += frame.bytes.length;
      note(this.segment, frame, this.#written);
    }
  }

  /** Goes back to the last commit. */
  abandon(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#stale = true;
    this.#written = this.segment.end;
  }

  /**
   * Syncs to disk. After a failure the system may have dropped what it could not write, and a later sync would
   * succeed without it: the writer refuses everything from then on.
   */
  async sync(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      await this.#file.datasync();
    } catch (cause) {
      this.#broken = new HaloError('change_log_unsynced', 'The change log could not be synced to disk.', {
        hint: 'Check the disk, and start the server again.',
        status: 503,
        cause,
      });
      throw this.#broken;
    }
  }

  /** Closes the file once the syncs under way have ended. */
  close(): Promise<void> {
    return this.#file.close();
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#written + done);
      done += bytesWritten;
    }
  }
}
