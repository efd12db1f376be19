import type { LogChunk } from './change-log.ts';
import { encodeCommit, encodePiece } from './codec.ts';
import { FRAME_KINDS } from './frame.ts';
import { pendingFrame } from './segment-writer.ts';
import type { PendingFrame } from './segment-writer.ts';
import { splitPiece } from './split-piece.ts';

/** A transaction that is committed but not yet written. */
export interface CommittedTransaction {
  readonly lsn: bigint;
  /** What the position may be set to once it is written: its LSN, or further if no other one lies between. */
  reach: bigint;
  /** Its pieces for readers; undefined when they are too large to keep in memory. */
  readonly chunks: readonly LogChunk[] | undefined;
  /** Size of the pieces as they are written. */
  readonly bytes: number;
}

type Piece = Omit<LogChunk, 'last'>;

/** The transaction that is being received: its frames until they are written, and its pieces for the cache. */
export class Staging {
  readonly #keepBytes: number;
  #xid = 0;
  #frames: PendingFrame[] = [];
  #frameBytes = 0;
  #pieces: Piece[] | undefined = [];
  #bytes = 0;

  /** @param keepBytes a transaction larger than this is not kept in memory. */
  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
  }

  /** Bytes of frames that have not been taken yet. */
  get frameBytes(): number {
    return this.#frameBytes;
  }

  /** Adds a piece, cut into several where it is large. */
  add(chunk: Piece): void {
    this.#xid = chunk.xid;
    for (const piece of splitPiece(chunk)) {
      const frame = pendingFrame(FRAME_KINDS.piece, encodePiece(piece));
      this.#frames.push(frame);
      this.#frameBytes += frame.bytes.length;
      this.#bytes += frame.bytes.length;
      this.#pieces?.push(piece);
      if (this.#bytes > this.#keepBytes) this.#pieces = undefined;
    }
  }

  /** Hands over the frames collected so far, to be written before the commit. */
  takeFrames(): PendingFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#frameBytes = 0;
    return frames;
  }

  /** Ends the transaction: the frames that are left, its commit among them, and what readers are given. */
  commit(lsn: bigint): { frames: PendingFrame[]; transaction: CommittedTransaction } {
    const frames = this.takeFrames();
    frames.push(pendingFrame(FRAME_KINDS.commit, encodeCommit(lsn, this.#xid)));
    const last = (this.#pieces?.length ?? 0) - 1;
    const chunks = this.#pieces?.map((piece, index) => ({ ...piece, last: index === last }));
    const transaction = { lsn, reach: lsn, chunks, bytes: this.#bytes };
    this.clear();
    return { frames, transaction };
  }

  clear(): void {
    this.#frames = [];
    this.#frameBytes = 0;
    this.#pieces = [];
    this.#bytes = 0;
  }
}
