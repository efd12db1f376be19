import { busy } from './gate.ts';
import { upToDateMessage } from './message-encoder.ts';
import type { ShapeBody } from './shape-engine.ts';
import type { LogEntry } from './shape-translator.ts';

/** Bytes of answers in flight that are not shared with a tail or a snapshot. */
const MAX_BYTES_IN_FLIGHT = 32 * 1024 * 1024;
/** Bytes handed out at once to one reader. */
const PIECE_BYTES = 64 * 1024;
/** Answers up to this size are not counted: they leave for the socket at once. */
const UNCOUNTED_BYTES = 16 * 1024;

/** Makes the bodies of answers, and bounds what readers who do not take them can hold. */
export class Bodies {
  #bytes = 0;

  get bytesInFlight(): number {
    return this.#bytes;
  }

  /** An answer of these messages, ended by `up-to-date` at `lsn` unless it is null. Throws `busy`. */
  of(entries: readonly LogEntry[], lsn: bigint | null): ShapeBody {
    return this.#counted(join(entries, lsn));
  }

  /** As `of`, for bytes that many readers share. */
  shared(bytes: Buffer): ShapeBody {
    return { length: bytes.length, pieces: () => piecesOf(bytes), release: () => {} };
  }

  #counted(bytes: Buffer): ShapeBody {
    if (bytes.length <= UNCOUNTED_BYTES) return this.shared(bytes);
    if (this.#bytes + bytes.length > MAX_BYTES_IN_FLIGHT) throw busy('answers in flight');
    this.#bytes += bytes.length;
    let released = false;
    return {
      length: bytes.length,
      pieces: () => piecesOf(bytes),
      release: () => {
        if (!released) this.#bytes -= bytes.length;
        released = true;
      },
    };
  }
}

/** The JSON array of an answer. */
export function join(entries: readonly LogEntry[], lsn: bigint | null): Buffer {
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
