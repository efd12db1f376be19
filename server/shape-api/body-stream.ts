import type { ShapeBody } from '../shape-engine/shape-engine.ts';

/** A reader that takes nothing for this long is cut off, in milliseconds; he resumes at his offset. */
const STALL_AFTER_MS = 60_000;
/** Bodies up to this size are sent at once, and then wait in the socket: larger ones would hold too much there. */
const AT_ONCE_BYTES = 16 * 1024;

/** An answer's bytes: whole when they are few, else a stream that goes at the reader's pace until `signal` aborts. */
export async function bodyOf(
  body: ShapeBody,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  if (body.length > AT_ONCE_BYTES) return streamOf(body, signal);
  try {
    return body.bytes ?? (await collected(body));
  } finally {
    body.release();
  }
}

async function collected(body: ShapeBody): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(body.length);
  let at = 0;
  for await (const piece of body.pieces()) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export interface StreamOptions {
  readonly stallAfterMs?: number;
  /** What becomes of it when `signal` aborts: an array that just ended would be a wrong answer, events may end. */
  readonly whenOver?: 'break' | 'end';
}

/** One piece is in flight at a time, so that a reader who stalls holds one piece and no more. */
export function streamOf(
  body: Pick<ShapeBody, 'pieces' | 'release'>,
  signal: AbortSignal,
  { stallAfterMs = STALL_AFTER_MS, whenOver = 'break' }: StreamOptions = {},
): ReadableStream<Uint8Array> {
  const pieces = body.pieces()[Symbol.asyncIterator]();
  let stalled: NodeJS.Timeout | undefined;
  let stopListening = () => {};
  let ended = false;
  /** False when it had ended before. */
  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(stalled);
    stopListening();
    body.release();
    return true;
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const cut = () => {
          if (!end()) return;
          if (whenOver === 'end') controller.close();
          else controller.error(signal.reason);
        };
        signal.addEventListener('abort', cut, { once: true });
        stopListening = () => signal.removeEventListener('abort', cut);
        if (signal.aborted) cut();
      },
      async pull(controller) {
        clearTimeout(stalled);
        try {
          const next = await pieces.next();
          // Cut while the piece was being read.
          if (ended) return;
          if (next.done === true) {
            end();
            controller.close();
            return;
          }
          controller.enqueue(next.value);
          stalled = setTimeout(() => {
            if (end()) controller.error(new Error('the reader took nothing for too long'));
          }, stallAfterMs);
        } catch (error) {
          if (end()) controller.error(error);
        }
      },
      async cancel() {
        end();
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
