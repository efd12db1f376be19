import { HaloError } from '../../platform/errors.ts';
import type { UpstreamAnswer } from './shape-upstream.ts';

const COLON = 0x3a;
const LINE_FEED = 0x0a;

/**
 * A stream of events as it comes, for as long as its reader may have what comes; whoever may not, or whose server
 * stops, finds the stream ended, asks again, and the answer to that tells him why.
 */
export async function* passedEvents(
  answer: UpstreamAnswer,
  admit: () => Promise<unknown>,
  stopping: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = () => answer.release();
  stopping.addEventListener('abort', stop, { once: true });
  let betweenEvents = true;
  try {
    for await (const piece of answer.pieces()) {
      if (!(betweenEvents && isSignOfLife(piece))) await admit();
      betweenEvents = piece.at(-1) === LINE_FEED && (piece.at(-2) ?? LINE_FEED) === LINE_FEED;
      yield piece;
    }
  } catch (error) {
    // What the house says by an error ends the stream; what nobody foresaw breaks it.
    if (!(error instanceof HaloError)) throw error;
  } finally {
    stopping.removeEventListener('abort', stop);
  }
}

/** A comment and nothing else, by which the upstream says that it is there. */
function isSignOfLife(piece: Uint8Array): boolean {
  return piece[0] === COLON && piece.indexOf(LINE_FEED) >= piece.length - 2;
}
