import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { AnswerMemory } from './answer-memory.ts';
import { upToDateMessage } from './message-encoder.ts';
import type { ShapeBody } from './shape-engine.ts';
import type { LogEntry } from './encoded-message.ts';
import type { ShapeView } from './shape-view.ts';

/** Bytes handed out at once to one reader. */
const PIECE_BYTES = 64 * 1024;
/** Answers up to this size are not counted on their way: they leave for the socket at once. */
const UNCOUNTED_BYTES = 16 * 1024;

/** The answer to those who stood at one place when the log stood at `position`. */
interface LiveAnswer {
  readonly from: LogOffset;
  readonly end: LogOffset;
  readonly position: bigint;
  readonly bytes: Buffer<ArrayBuffer>;
}

/** Makes the bodies of answers, and bounds what readers who do not take them can hold. */
export class Bodies {
  readonly #memory: AnswerMemory<LiveAnswer>;

  /** @param maxBytes of all answers on their way, and of those kept for the next reader. */
  constructor(maxBytes: number) {
    this.#memory = new AnswerMemory(maxBytes);
  }

  /** Bytes of answers in memory. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** An answer of these messages, ended by `up-to-date` at `lsn` unless it is null. Throws `busy`. */
  of(entries: readonly LogEntry[], lsn: bigint | null): ShapeBody {
    return this.#body(join(entries, lsn));
  }

  /** An answer that is whole already. Throws `busy`. */
  whole(bytes: Buffer<ArrayBuffer>): ShapeBody {
    return this.#body(bytes);
  }

  /**
   * The answer after `offset`, from the view's tail, up to date at `position`: the same bytes for all who stand
   * at the same place. There must be messages after `offset`. Throws `busy`.
   */
  after(
    view: ShapeView,
    offset: LogOffset,
    position: bigint,
  ): { readonly end: LogOffset; readonly body: ShapeBody } {
    const entries = view.tail.after(offset);
    const from = entries[0]!.offset;
    const end = entries.at(-1)!.offset;
    const known = this.#memory.recall(view);
    if (known !== undefined && known.from === from && known.end === end && known.position === position) {
      return { end, body: this.#body(known.bytes) };
    }
    const bytes = join(entries, position);
    this.#memory.keep(view, { from, end, position, bytes }, bytes);
    return { end, body: this.#body(bytes) };
  }

  /** Forgets the answer kept for a view. */
  forget(view: ShapeView): void {
    this.#memory.forget(view);
  }

  #body(bytes: Buffer<ArrayBuffer>): ShapeBody {
    const release = bytes.length <= UNCOUNTED_BYTES ? () => {} : this.#memory.send(bytes);
    return { length: bytes.length, bytes, pieces: () => piecesOf(bytes), release };
  }
}

/** The JSON array of an answer. */
function join(entries: readonly LogEntry[], lsn: bigint | null): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [];
  for (const entry of entries) parts.push(parts.length === 0 ? OPEN : COMMA, entry.bytes);
  if (lsn !== null) parts.push(parts.length === 0 ? OPEN : COMMA, Buffer.from(upToDateMessage(lsn)));
  if (parts.length === 0) parts.push(OPEN);
  parts.push(CLOSE);
  return Buffer.concat(parts);
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
