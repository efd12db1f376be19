import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeAnswer, ShapeBody, ShapeEngine, ShapeSource } from '../shape-engine/shape-engine.ts';
import { changesOf } from './incident-change.ts';
import type { IncidentChange } from './incident-change.ts';

/** A part of the log, with where it ends. */
export interface LogPart {
  readonly kind: 'part';
  readonly changes: readonly IncidentChange[];
  readonly end: LogOffset;
  readonly upToDate: boolean;
}

export type LogReading = LogPart | { readonly kind: 'must_refetch' } | { readonly kind: 'out_of_bounds' };

/** A place that a reader goes on from. */
export interface LogPlace {
  readonly handle: string;
  readonly offset: LogOffset;
}

/**
 * The log of all incidents that some shape of the catalogue may show, in its columns: one shape, read through the engine,
 * so that order, visibility and what a handle means are the shapes' own.
 */
export class IncidentLog {
  readonly #engine: ShapeEngine;
  readonly #source: ShapeSource;

  constructor(engine: ShapeEngine, definition: ShapeDefinition) {
    this.#engine = engine;
    this.#source = {
      schema: 'public',
      table: definition.table,
      columns: definition.columns.map((column) => column.name),
      // Every shape of it is of one region and of the present, so what is not is in nobody's.
      where: 'region IS NOT NULL AND NOT past',
      params: [],
      replica: 'full',
    };
  }

  /** The place at which the log ends now. */
  async end(signal: AbortSignal): Promise<LogPlace> {
    const answer = await this.#ask({ offset: { kind: 'now' }, handle: null, live: false, signal });
    if (answer.kind !== 'messages') throw new Error('the log of incidents has no end');
    answer.body.release();
    return { handle: answer.handle, offset: logOffset(answer.offset) };
  }

  /** What comes after `place`; with `live`, waits for it some seconds where there is nothing yet. */
  async read({ handle, offset }: LogPlace, live: boolean, signal: AbortSignal): Promise<LogReading> {
    const answer = await this.#ask({ offset, handle, live, signal });
    if (answer.kind !== 'messages') return { kind: answer.kind };
    const end = logOffset(answer.offset);
    try {
      const changes = answer.hasMessages ? changesOf(await textOf(answer.body)) : [];
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
