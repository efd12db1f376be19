import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { isHaloError } from '../platform/errors.ts';
import type { ShapeEngine, ShapeSource, SubsetAnswer, SubsetQuery } from '../shape-engine/shape-engine.ts';
import { invalidRequest, JSON_TYPE, sharing, subsetFaults } from './answer.ts';
import { bodyOf } from './body-stream.ts';
import type { ReadSignal } from './read-signal.ts';
import type { ShapeQuery } from './shape-query.ts';

export interface NamedSubset {
  readonly definition: ShapeDefinition;
  readonly source: ShapeSource;
  readonly query: ShapeQuery;
  readonly subset: Omit<SubsetQuery, 'columns'>;
  readonly reading: ReadSignal;
  readonly method: string;
  /** Throws when the caller may not have it any more. */
  readonly admit: () => Promise<unknown>;
  /** The answer to a position that means nothing any more. */
  readonly refetch: (handle: string | undefined) => Response;
}

/**
 * Answers with a subset of a named shape. It reads no columns but those that the shape gives: whoever may choose a
 * condition over another one learns what it holds (invariant 8).
 */
export async function answerSubset(engine: ShapeEngine, request: NamedSubset): Promise<Response> {
  const { source, definition, query, reading, method, admit, refetch } = request;
  const { offset, handle } = query;
  const subset = { ...request.subset, columns: source.columns };
  try {
    const answer = await engine.subset({ source, subset, offset, handle, signal: reading.signal });
    if (answer.kind === 'must_refetch') {
      reading.done();
      return refetch(answer.handle);
    }
    const { body } = answer;
    const release = () => {
      body.release();
      reading.done();
    };
    try {
      await admit();
      reading.over.throwIfAborted();
    } catch (error) {
      release();
      throw error;
    }
    const headers = headersOf(answer, query, definition);
    if (method === 'HEAD') {
      release();
      return new Response(null, { headers });
    }
    const { length } = body;
    return new Response(
      await bodyOf({ length, bytes: body.bytes, pieces: () => body.pieces(), release }, reading.over),
      {
        headers,
      },
    );
  } catch (error) {
    if (!isHaloError(error, 'subset_invalid')) throw error;
    reading.done();
    return invalidRequest(subsetFaults(error));
  }
}

function headersOf(
  { handle, offset, schema }: Extract<SubsetAnswer, { kind: 'subset' }>,
  query: ShapeQuery,
  definition: ShapeDefinition,
): Record<string, string> {
  return {
    ...JSON_TYPE,
    ...sharing(query, definition),
    [SHAPE_HEADERS.handle]: handle,
    [SHAPE_HEADERS.offset]: formatOffset(offset),
    [SHAPE_HEADERS.snapshot]: 'true',
    [SHAPE_HEADERS.schema]: schema,
  };
}
