import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { HaloError } from '../platform/errors.ts';
import { encodeFrame } from './frame.ts';
import type { FrameKind } from './frame.ts';
import { note } from './segment.ts';
import type { Segment } from './segment.ts';

/** A frame that waits to be written. */
export interface PendingFrame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
  readonly bytes: Buffer;
}

export function pendingFrame(kind: FrameKind, payload: Buffer): PendingFrame {
  return { kind, payload, bytes: encodeFrame(kind, payload) };
}

/** Writes frames at the end of the newest segment, one `write` at a time. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #file: FileHandle;
  /** End of what has been written, pieces not yet committed included. */
  #written: number;
  /** Frames that do not count lie behind `#written`. */
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

  get written(): number {
    return this.#written;
  }
  /** Whether the file ends with pieces of a transaction that is not yet committed. */
  get withinTransaction(): boolean {
    return this.#written > this.segment.end;
  }

  /** Writes the frames in one go. When it fails (a full disk), what is uncommitted must be abandoned. */
  async write(frames: readonly PendingFrame[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    // Left there, a whole abandoned piece could after a crash stand before the commit of another transaction.
    await this.#cutStale();
    // What a failed write has left may end with whole frames: stale, whether or not it is abandoned next.
    this.#stale = true;
    await this.#writeAll(
      frames.length === 1 ? frames[0]!.bytes : Buffer.concat(frames.map(({ bytes }) => bytes)),
    );
    this.#stale = false;
    for (const frame of frames) {
      this.#written += frame.bytes.length;
      note(this.segment, frame, this.#written);
    }
  }

  /** Syncs for the last time, and leaves nothing in the file that does not count: to be called between transactions. */
  async finish(): Promise<void> {
    await this.#cutStale();
    await this.sync();
  }

  /** Goes back to the last commit. */
  abandon(): void {
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

  async #cutStale(): Promise<void> {
    if (!this.#stale) return;
    await this.#file.truncate(this.#written);
    this.#stale = false;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#written + done);
      done += bytesWritten;
    }
  }
}
