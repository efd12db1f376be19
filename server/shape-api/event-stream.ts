import type { Offset } from '@halo/shapes/protocol/offset.ts';
import { HaloError } from '../platform/errors.ts';
import type { ShapeAnswer } from '../shape-engine/shape-engine.ts';
import { streamOf } from './body-stream.ts';
import { eventsOf } from './events.ts';

/** A stream that has been silent for this long says that it is there, in milliseconds; the value is Electric's. */
const KEEP_ALIVE_MS = 21_000;
/** A stream is ended after this long, in milliseconds: its reader comes back at his offset. Electric's, too. */
const END_AFTER_MS = 60_000;
const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

export interface EventStreamOptions {
  /** What the stream begins with. */
  readonly first: Messages;
  /** Waits for what comes after `offset`. */
  readonly read: (offset: Offset, signal: AbortSignal) => Promise<ShapeAnswer>;
  /** Throws when the reader may not have what has come since he was let in. */
  readonly admit: () => Promise<unknown>;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Ends the stream, whatever it is sending. */
  readonly over: AbortSignal;
  /** Called once, when nothing of the stream is left. */
  readonly done: () => void;
  readonly keepAliveMs?: number;
  readonly endAfterMs?: number;
}

/**
 * A shape's log as server-sent events, one read after the other from the last one's offset. One piece is in flight at
 * a time and the next read waits for its reader, so that a stalled one holds one answer, and is cut as with any body.
 * The stream just ends when its time or its reader's is over, the shape is another, the server stops or has too much to
 * do: the reader asks again, and the answer to that tells him why.
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { first, over, done } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const events = follow(options, signal);
  const release = () => {
    stop.abort();
    // Gives back what is being sent, and what has not begun to be.
    events.return(undefined).catch(() => {});
    first.body.release();
    done();
  };
  return streamOf({ pieces: () => events, release }, over, { whenOver: 'end' });
}

async function* follow(
  options: EventStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const { keepAliveMs = KEEP_ALIVE_MS, endAfterMs = END_AFTER_MS } = options;
  const endsAt = performance.now() + endAfterMs;
  let answer: Messages | undefined = options.first;
  while (answer !== undefined) {
    try {
      if (answer.hasMessages) yield* eventsOf(answer.body.pieces());
    } finally {
      answer.body.release();
    }
    answer = yield* nextOf(options, answer.offset, { keepAliveMs, endsAt }, signal);
  }
}

/** The next answer, with signs of life while it does not come; undefined when the stream is to end. */
async function* nextOf(
  { read, admit }: EventStreamOptions,
  offset: Offset,
  { keepAliveMs, endsAt }: { readonly keepAliveMs: number; readonly endsAt: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, Messages | undefined> {
  let silentSince = performance.now();
  let from = offset;
  for (;;) {
    const reading = read(from, signal).then((answer) => admitted(answer, admit), endOn);
    let taken = false;
    try {
      let outcome = await before(Math.min(silentSince + keepAliveMs, endsAt), reading);
      while (outcome === 'late' && performance.now() < endsAt) {
        yield KEEP_ALIVE;
        silentSince = performance.now();
        outcome = await before(Math.min(silentSince + keepAliveMs, endsAt), reading);
      }
      if (outcome === 'late') return undefined;
      taken = true;
      if (outcome === undefined || outcome.hasMessages) return outcome;
      // A wait that brought nothing: the next one begins where the log is now.
      outcome.body.release();
      from = outcome.offset;
    } finally {
      if (!taken) abandon(reading);
    }
  }
}

/** The answer, if it has messages for a reader who may still have them. */
async function admitted(
  answer: ShapeAnswer,
  admit: EventStreamOptions['admit'],
): Promise<Messages | undefined> {
  if (answer.kind !== 'messages') return undefined;
  try {
    if (answer.hasMessages) await admit();
    return answer;
  } catch (error) {
    answer.body.release();
    return endOn(error);
  }
}

/** What the house says by an error ends the stream; what nobody foresaw breaks it. */
function endOn(error: unknown): undefined {
  if (error instanceof HaloError) return undefined;
  throw error;
}

/** Leaves a read to itself; what it still brings is given back. */
function abandon(reading: Promise<Messages | undefined>): void {
  reading.then(
    (answer) => answer?.body.release(),
    () => {},
  );
}

async function before<T>(time: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.max(0, time - performance.now()));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
