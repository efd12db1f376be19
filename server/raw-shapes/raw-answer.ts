import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import { HaloError } from '../platform/errors.ts';
import { EVENTS_TYPE } from '../shape-api/answer.ts';
import type { ShapeAnswer } from '../shape-engine/shape-engine.ts';
import { electricWhereText } from '../shape-engine/where/where-error.ts';
import type { RawHandle } from './raw-handle.ts';
import type { RawErrors, RawQuery } from './raw-query.ts';

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
/** A shared first answer may be old: whoever gets it catches up from there. */
const CACHE_FIRST = 'public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746';
const CACHE_LOG = 'public, max-age=60, stale-while-revalidate=300';
const CACHE_LIVE = 'public, max-age=5, stale-while-revalidate=5';
const CACHE_EVENTS = 'public, max-age=59';
const SHAPE_METHODS = 'GET, POST, HEAD, DELETE, OPTIONS';

/** Who may read what in a browser: the endpoint is guarded by its secret alone. */
export function corsHeaders(origin: string | undefined, methods = SHAPE_METHODS): Record<string, string> {
  return {
    'access-control-allow-origin': origin ?? '*',
    'access-control-expose-headers':
      'electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,electric-up-to-date,' +
      'electric-internal-known-error,retry-after',
    'access-control-allow-methods': methods,
  };
}

/** The handle that goes with an answer: the reader's own, or one that tells of the snapshot he begins with. */
export function handleOf(answer: Messages, own: RawHandle | undefined): RawHandle {
  if (answer.snapshot !== null) {
    const { chunks, end } = answer.snapshot;
    return { engine: answer.handle, end, chunks };
  }
  if (own !== undefined && own.engine === answer.handle) return own;
  const { offset } = answer;
  return { engine: answer.handle, end: offset.kind === 'log' ? offset.lsn : 0n, chunks: 0 };
}

/**
 * The position after an answer, as Electric says it: `0_n` after a part of a snapshot, the last message's in the
 * log, and where there was none the one that the reader came with (`from`, as the engine reads it). He is moved on before
 * the log is trimmed, of which what lies before `aging` comes next.
 */
export function offsetAfter(answer: Messages, query: RawQuery, from: Offset, aging: bigint): string {
  // A stream that breaks before it has sent what it begins with must have cost nothing.
  if (query.events && answer.hasMessages) return query.offsetText;
  if (answer.snapshot !== null) return `0_${answer.snapshot.chunk}`;
  if (answer.hasMessages) return formatOffset(answer.offset);
  if (from.kind === 'log' && from.lsn < aging) return formatOffset(answer.offset);
  return query.offset.kind === 'log' ? query.offsetText : '0_inf';
}

/** Headers of an answer with messages. */
export function messageHeaders(
  answer: Messages,
  query: RawQuery,
  handle: string,
  offset: string,
  cursor: string | null,
  cached: boolean,
): Record<string, string> {
  const cache = cacheOf(query);
  const nonce = answer.hasData ? '' : `:${crypto.randomUUID()}`;
  return {
    ...(query.events ? EVENTS_TYPE : JSON_TYPE),
    'cache-control': cached ? cache : 'no-cache',
    etag: `"${handle}:${query.offsetText}:${offset}${nonce}"`,
    [SHAPE_HEADERS.handle]: handle,
    [SHAPE_HEADERS.offset]: offset,
    [SHAPE_HEADERS.hasData]: String(answer.hasData),
    ...(answer.upToDate ? { [SHAPE_HEADERS.upToDate]: '' } : {}),
    ...(cursor === null ? { [SHAPE_HEADERS.schema]: answer.schema } : { [SHAPE_HEADERS.cursor]: cursor }),
  };
}

function cacheOf({ events, live, offset }: RawQuery): string {
  if (events) return CACHE_EVENTS;
  if (live) return CACHE_LIVE;
  return offset.kind === 'before_all' ? CACHE_FIRST : CACHE_LOG;
}

/** 409 in Electric's form. */
export function mustRefetch(handle: string): Response {
  return new Response('[{"headers":{"control":"must-refetch"}}]', {
    status: 409,
    headers: {
      ...JSON_TYPE,
      'cache-control': 'public, max-age=60, must-revalidate',
      etag: `"${handle}::"`,
      [SHAPE_HEADERS.handle]: handle,
    },
  });
}

/** 400 in Electric's form. */
export function invalidRequest(errors: RawErrors, cacheControl = 'no-store'): Response {
  return json(400, { message: 'Invalid request', errors }, cacheControl);
}

export function json(
  status: number,
  body: unknown,
  cacheControl: string,
  more: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...JSON_TYPE, 'cache-control': cacheControl, ...more },
  });
}

/** An error as Electric says it: the fault of a parameter, or a message and its status. */
export function errorAnswer(
  error: unknown,
  query: Pick<RawQuery, 'schema' | 'table'>,
  cacheControl = 'no-store',
): Response {
  if (!(error instanceof HaloError)) throw error;
  const faults = faultsOf(error, query);
  if (faults !== undefined) return invalidRequest(faults, cacheControl);
  const retry: Record<string, string> = error.status === 503 ? { 'retry-after': '2' } : {};
  return json(error.status, { message: error.message }, cacheControl, retry);
}

function faultsOf(
  error: HaloError,
  { schema, table }: Pick<RawQuery, 'schema' | 'table'>,
): RawErrors | undefined {
  switch (error.code) {
    case 'table_not_found':
      return { table: [noSuchTable(schema, table)] };
    case 'column_not_found':
      return {
        columns: [`The following columns are not found on the table: ${String(error.details['column'])}`],
      };
    case 'key_not_selected': {
      const missing = String(error.details['column']);
      return { columns: [`The list of columns must include all primary key columns, missing: ${missing}`] };
    }
    case 'column_generated': {
      const names = (error.details['columns'] as readonly string[]).join(', ');
      const message =
        `The following columns are generated and cannot be included in the shape: ${names}. You can exclude them ` +
        `from the shape by explicitly listing which columns to fetch in the 'columns' query param`;
      return { columns: [message] };
    }
    case 'table_not_published':
    case 'table_is_partition':
      return { table: [error.message] };
    case 'subset_invalid':
      return { subset: { [String(error.details['part'])]: [error.message] } };
    case 'where_unsupported':
    case 'shape_too_large':
      return { where: [electricWhereText(error)] };
    case 'where_failed':
      return { where: [error.message] };
    default:
      return undefined;
  }
}

export function noSuchTable(schema: string, table: string): string {
  return (
    `Table "${schema}"."${table}" does not exist. If the table name contains capitals or special characters you ` +
    'must quote it.'
  );
}
