import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { bodyOf } from '../shape-api/body-stream.ts';
import { readSubset } from '../shape-api/subset-query.ts';
import type { ShapeEngine, ShapeSource, SubsetAnswer } from '../shape-engine/shape-engine.ts';
import { invalidRequest, mustRefetch } from './raw-answer.ts';
import { formatRawHandle, parseRawHandle, toEngineOffset } from './raw-handle.ts';
import type { RawQuery } from './raw-query.ts';

export interface RawSubsetRequest {
  readonly given: ReadonlyMap<string, string>;
  /** The subset's fields in a POST's body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: RawQuery;
  readonly source: ShapeSource;
  readonly method: string;
  readonly signal: AbortSignal;
}

/** Answers a request for a subset; undefined where it is none. */
export async function answerSubset(
  engine: ShapeEngine,
  { given, body, query, source, method, signal }: RawSubsetRequest,
): Promise<Response | undefined> {
  const verdict = readSubset(given, body);
  if (verdict === undefined) return undefined;
  if (!verdict.ok) {
    return invalidRequest({ subset: verdict.errors }, method === 'POST' ? 'no-cache' : 'no-store');
  }
  const own = query.handle === null ? undefined : parseRawHandle(query.handle);
  const answer = await engine.subset({
    source,
    subset: { ...verdict.subset, columns: query.queryable },
    offset: toEngineOffset(query.offset, own),
    handle: own?.engine ?? query.handle,
    signal,
  });
  if (answer.kind === 'must_refetch') return mustRefetch(answer.handle);
  const headers = headersOf(answer, query);
  if (method === 'HEAD') {
    answer.body.release();
    return new Response(null, { status: 200, headers });
  }
  return new Response(await bodyOf(answer.body, signal), { status: 200, headers });
}

/**
 * Who has begun to follow the log keeps his place in it: moved on to the present, he would miss what has changed
 * between, in rows that the subset does not hold. Who has not gets a handle whose beginning is the log's position.
 */
function headersOf(answer: Extract<SubsetAnswer, { kind: 'subset' }>, query: RawQuery) {
  const begins = query.offset.kind === 'before_all' || query.offset.kind === 'now';
  const beginning = query.offset.kind === 'before_all' ? '0_0' : '0_inf';
  const offset = begins ? beginning : query.offsetText;
  const end = answer.offset.kind === 'log' ? answer.offset.lsn : 0n;
  return {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    [SHAPE_HEADERS.handle]: begins
      ? formatRawHandle({ engine: answer.handle, end, chunks: 0 })
      : query.handle!,
    [SHAPE_HEADERS.offset]: offset,
    [SHAPE_HEADERS.snapshot]: 'true',
    ...(query.live ? {} : { [SHAPE_HEADERS.schema]: answer.schema }),
  };
}
