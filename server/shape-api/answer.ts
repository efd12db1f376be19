import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import type { HaloError } from '../platform/errors.ts';
import type { ShapeAnswer } from '../shape-engine/shape-engine.ts';
import { isKnownTag } from './known-tag.ts';
import type { QueryErrors, ShapeQuery } from './shape-query.ts';

/** Seconds that a shared answer may be kept by caches; a live one only while its readers gather. */
const SHARED_MAX_AGE_SECONDS = 60;
const SHARED_LIVE_MAX_AGE_SECONDS = 5;
const SHARED_EVENTS_MAX_AGE_SECONDS = 59;

/** What all answers are but streams of events. */
export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
/** The second tells nginx to pass events on as they come. */
export const EVENTS_TYPE = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };

/** nginx's status for a client that went away before its answer. */
export const CLIENT_CLOSED_REQUEST = 499;

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

/** Headers of an answer with messages; `cursor` for live ones, `head` is the LSN up to which the log has the WAL. */
export function messageHeaders(
  answer: Messages,
  query: ShapeQuery,
  definition: ShapeDefinition,
  cursor: string | null,
  head: bigint,
): Record<string, string> {
  const headers: Record<string, string> = cacheHeaders(answer, query, definition);
  Object.assign(headers, query.events ? EVENTS_TYPE : JSON_TYPE);
  headers[SHAPE_HEADERS.handle] = answer.handle;
  headers[SHAPE_HEADERS.offset] = formatOffset(offsetOf(answer, query));
  headers[SHAPE_HEADERS.hasData] = String(answer.hasData);
  headers[SHAPE_HEADERS.head] = String(head);
  if (answer.upToDate) headers[SHAPE_HEADERS.upToDate] = '';
  if (cursor === null) headers[SHAPE_HEADERS.schema] = answer.schema;
  else headers[SHAPE_HEADERS.cursor] = cursor;
  return headers;
}

/** A stream says where it begins, not what it begins with: one that breaks at once must have cost nothing. */
function offsetOf(answer: Messages, query: ShapeQuery): Offset {
  return query.events && answer.hasMessages ? query.offset : answer.offset;
}

function cacheHeaders(
  answer: Messages,
  query: ShapeQuery,
  definition: ShapeDefinition,
): Record<string, string> {
  const shared = sharing(query, definition);
  return definition.personal ? shared : { ...shared, etag: etagOf(answer, query) };
}

/**
 * Rows of one person are never stored on the way, and a subset, made for one reader, is asked for again. Others may be
 * shared for a while, among those who bring the same token: a cache must not answer whom we would refuse.
 */
export function sharing(query: ShapeQuery, definition: ShapeDefinition): Record<string, string> {
  if (definition.personal) return { 'cache-control': 'private, no-store' };
  if (query.subset !== null) return { 'cache-control': 'no-cache' };
  const seconds = query.events
    ? SHARED_EVENTS_MAX_AGE_SECONDS
    : query.live
      ? SHARED_LIVE_MAX_AGE_SECONDS
      : SHARED_MAX_AGE_SECONDS;
  return { 'cache-control': `public, max-age=${seconds}`, vary: 'authorization' };
}

/** Names the interval of the shape's log that the answer holds; that interval never changes. */
export function etagOf(answer: Messages, query: ShapeQuery): string {
  return `"${answer.handle}:${formatOffset(query.offset)}:${formatOffset(answer.offset)}"`;
}

/** Whether the reader's cache has this answer; never for waits that brought nothing, or for personal rows. */
export function isCached(
  answer: Messages,
  query: ShapeQuery,
  definition: ShapeDefinition,
  ifNoneMatch: string | undefined,
): boolean {
  return !definition.personal && !query.live && isKnownTag(ifNoneMatch, etagOf(answer, query));
}

/**
 * 409: begin again, with this handle where one is known. Never stored: a stored one would send the reader in circles.
 */
export function mustRefetch(handle: string | undefined, location: string): Response {
  return new Response('[{"headers":{"control":"must-refetch"}}]', {
    status: 409,
    headers: {
      ...JSON_TYPE,
      'cache-control': 'no-store',
      ...(handle === undefined ? {} : { [SHAPE_HEADERS.handle]: handle }),
      location,
    },
  });
}

/** 400 in Electric's form. */
export function invalidRequest(errors: QueryErrors): Response {
  return new Response(JSON.stringify({ message: 'Invalid request', errors }), {
    status: 400,
    headers: { ...JSON_TYPE, 'cache-control': 'no-store' },
  });
}

/** What `subset_invalid` says, for `invalidRequest`. */
export function subsetFaults({ message, details }: HaloError): QueryErrors {
  return { subset: { [String(details['part'])]: [message] } };
}
