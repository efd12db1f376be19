import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeAnswer, ShapeBody, ShapeEngine, ShapeSource } from '../shape-engine/shape-engine.ts';

/** A part of the log, with where it ends. */
export interface LogPart<Change> {
  readonly kind: 'part';
  readonly changes: readonly Change[];
  readonly end: LogOffset;
  readonly upToDate: boolean;
}

export type LogReading<Change> =
  LogPart<Change> | { readonly kind: 'must_refetch' } | { readonly kind: 'out_of_bounds' };

/** A place that a reader goes on from. */
export interface LogPlace {
  readonly handle: string;
  readonly offset: LogOffset;
}

/** The log of one shape, read through the engine, so that order, visibility and what a handle means are the shapes' own. */
export class ShapeLog<Change> {
  readonly #engine: ShapeEngine;
  readonly #source: ShapeSource;
  readonly #changesOf: (json: string) => Change[];

  /** `changesOf` takes an answer of the engine apart: a JSON array of messages, updates with the old values. */
  constructor(engine: ShapeEngine, source: ShapeSource, changesOf: (json: string) => Change[]) {
    this.#engine = engine;
    this.#source = source;
    this.#changesOf = changesOf;
  }

  /** The place at which the log ends now. */
  async end(signal: AbortSignal): Promise<LogPlace> {
    const answer = await this.#ask({ offset: { kind: 'now' }, handle: null, live: false, signal });
    if (answer.kind !== 'messages') throw new Error('the log of a shape has no end');
    answer.body.release();
    return { handle: answer.handle, offset: logOffset(answer.offset) };
  }

  /** What comes after `place`; with `live`, waits for it some seconds where there is nothing yet. */
  async read({ handle, offset }: LogPlace, live: boolean, signal: AbortSignal): Promise<LogReading<Change>> {
    const answer = await this.#ask({ offset, handle, live, signal });
    if (answer.kind !== 'messages') return { kind: answer.kind };
    const end = logOffset(answer.offset);
    try {
      const changes = answer.hasMessages ? this.#changesOf(await textOf(answer.body)) : [];
      return { kind: 'part', changes, end, upToDate: answer.upToDate };
    } finally {
      answer.body.release();
    }
  }

  #ask(request: {
    readonly offset: Offset;
    readonly handle: string | null;
    readonly live: boolean;
    readonly signal: AbortSignal;
  }): Promise<ShapeAnswer> {
    return this.#engine.read({ source: this.#source, expiredHandle: null, session: null, ...request });
  }
}

async function textOf(body: ShapeBody): Promise<string> {
  if (body.bytes !== null) return Buffer.from(body.bytes).toString();
  const pieces: Uint8Array[] = [];
  for await (const piece of body.pieces()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function logOffset(offset: Offset): LogOffset {
  if (offset.kind !== 'log') throw new Error('a place that is not in the log');
  return offset;
}
