import { createHash, timingSafeEqual } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import type { Context } from 'hono';
import type { CallerEnv } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { isHaloError } from '../platform/errors.ts';
import { createRouter } from '../platform/router.ts';
import { CLIENT_CLOSED_REQUEST } from '../shape-api/answer.ts';
import { bodyOf } from '../shape-api/body-stream.ts';
import { nextCursor } from '../shape-api/cursor.ts';
import { eventStream } from '../shape-api/event-stream.ts';
import { isKnownTag } from '../shape-api/known-tag.ts';
import type { EventStreamOptions } from '../shape-api/event-stream.ts';
import type { ReadRequest, ShapeAnswer, ShapeEngine } from '../shape-engine/shape-engine.ts';
import { subsetOfBody } from '../shape-api/subset-query.ts';
import { innerTables } from '../shape-engine/where/parse-where.ts';
import { publishTable } from './publish-table.ts';
import {
  corsHeaders,
  errorAnswer,
  handleOf,
  invalidRequest,
  json,
  messageHeaders,
  mustRefetch,
  noSuchTable,
  offsetAfter,
} from './raw-answer.ts';
import { formatRawHandle, parseRawHandle, toEngineOffset } from './raw-handle.ts';
import { readRawQuery } from './raw-query.ts';
import type { RawQuery } from './raw-query.ts';
import { deleteRawShape } from './raw-delete.ts';
import { sourceOf } from './raw-source.ts';
import { answerSubset } from './raw-subset.ts';

/** Electric's bound for a request line; the secret is not counted into it. */
const MAX_LINE_CHARACTERS = 10_000;

export interface RawShapeOptions {
  readonly engine: ShapeEngine;
  readonly pool: Pool;
  readonly publication: string;
  /** Whoever brings it reads every table: it belongs to servers, never to devices. */
  readonly secret: string;
  /** Whether shapes may be deleted, which makes their readers fetch them again; not where it is not said. */
  readonly deletes?: boolean;
  readonly clock: Clock;
  /** Random numbers for cursors. */
  readonly random: () => number;
}

/**
 * Electric's own API over any table: `/v1/shape`, and `/v1/health` beside it.
 * Source: https://electric-sql.com/docs/api/http
 */
export function rawShapeRoutes(options: RawShapeOptions): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  const answer = async (c: Context, work: () => Promise<Response> | Response, methods?: string) => {
    const response = await work();
    // What is no request of the protocol gets no answer of it.
    if (response.status >= 400 && !response.headers.has('content-type')) return response;
    for (const [name, value] of Object.entries(corsHeaders(c.req.header('origin'), methods))) {
      response.headers.set(name, value);
    }
    return response;
  };
  const guarded = (c: Context, work: () => Promise<Response> | Response) => {
    if (hasSecret(c, options.secret)) return answer(c, work);
    return json(401, { message: 'Unauthorized - Invalid API secret' }, 'max-age=0, private, must-revalidate');
  };
  router.get('/v1/health', (c) =>
    answer(c, () => json(200, { status: 'active' }, 'no-cache, no-store, must-revalidate'), 'GET, HEAD'),
  );
  router.get('/v1/shape', (c) => guarded(c, () => readShape(c, options)));
  router.post('/v1/shape', (c) => guarded(c, () => readShape(c, options)));
  router.delete('/v1/shape', (c) => guarded(c, () => deleteShape(c, options)));
  router.options('/v1/shape', (c) =>
    answer(c, () => new Response(null, { status: 204, headers: { 'access-control-max-age': '86400' } })),
  );
  return router;
}

async function deleteShape(c: Context, { engine, deletes = false }: RawShapeOptions): Promise<Response> {
  if (!deletes) return json(405, { message: 'DELETE not allowed' }, 'no-cache');
  const parameters = await parametersOf(c);
  return parameters instanceof Response ? parameters : deleteRawShape(engine, parameters.given);
}

async function readShape(c: Context, options: RawShapeOptions): Promise<Response> {
  const parameters = await parametersOf(c);
  if (parameters instanceof Response) return parameters;
  const { given, body } = parameters;
  const { method } = c.req;
  const cached = method !== 'POST';
  const verdict = readRawQuery(given);
  if (!verdict.ok) return invalidRequest(verdict.errors, cached ? 'no-store' : 'no-cache');
  const { query } = verdict;
  const { signal } = c.req.raw;
  const answer = async () => {
    const source = sourceOf(query);
    const { engine } = options;
    const subset = await answerSubset(engine, { given, body, query, source, method, signal });
    if (subset !== undefined) return subset;
    const own = query.handle === null ? undefined : parseRawHandle(query.handle);
    if (query.offset.kind === 'log' && own !== undefined && query.offset.lsn < own.end) return outOfBounds();
    const request = {
      source,
      offset: toEngineOffset(query.offset, own),
      handle: own?.engine ?? query.handle,
      expiredHandle: engineHandle(given.get('expired_handle')),
      live: query.live && !query.events,
      session: query.session,
      signal,
    };
    return respond(c, request, await engine.read(request), query, options, cached);
  };
  try {
    // Who has a position in the log has begun to read, and waits for nothing here.
    if (query.offset.kind !== 'log') return (await unlessMissing(query, options)) ?? (await answer());
    try {
      return await answer();
    } catch (error) {
      // The table was altered or made anew since.
      if (!isHaloError(error, 'replica_identity_not_full')) throw error;
      return (await unlessMissing(query, options)) ?? (await answer());
    }
  } catch (error) {
    if (signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return errorAnswer(error, query, cached ? 'no-store' : 'no-cache');
  }
}

/** The engine's part of a handle; a 409 gives it alone. */
function engineHandle(text: string | undefined): string | null {
  return text === undefined ? null : (parseRawHandle(text)?.engine ?? text);
}

/**
 * The answer to who asks for a shape of which a table, one of a subquery's perhaps, is not there. They are looked at as
 * they are now, of which the log may not tell, and published where they were not.
 */
async function unlessMissing(
  { schema, table, where }: RawQuery,
  { engine, pool, publication }: RawShapeOptions,
): Promise<Response | undefined> {
  const inner = where !== null && /select/i.test(where) ? innerTables(where) : [];
  for (const each of [{ schema, table }, ...inner]) {
    engine.tableAltered(each.schema, each.table);
    if (await publishTable(pool, publication, each.schema, each.table)) continue;
    return invalidRequest({ table: [noSuchTable(each.schema, each.table)] });
  }
  return undefined;
}

interface Parameters {
  readonly given: ReadonlyMap<string, string>;
  /** The fields of a subset that a POST's body holds. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The query's parameters. A POST's body may hold a subset, and with it under `subset` the other parameters too. */
async function parametersOf(c: Context): Promise<Parameters | Response> {
  const { pathname, search, searchParams } = new URL(c.req.url);
  const line = `${c.req.method} ${pathname}${search.replace(/[?&](api_)?secret=[^&]*/, '')} HTTP/1.1`;
  if (line.length > MAX_LINE_CHARACTERS) return new Response(null, { status: 414 });
  // What is no UTF-8 was decoded to this character, which nobody has sent.
  if (/\uFFFD/.test([...searchParams].flat().join('')) && !/%EF%BF%BD/i.test(search)) {
    return new Response(null, { status: 400 });
  }
  const given = new Map(searchParams);
  for (const name of ['columns', 'queryable_columns']) {
    const each = searchParams.getAll(`${name}[]`);
    if (each.length > 0) given.set(name, each.join(','));
  }
  if (c.req.method !== 'POST') return { given, body: {} };
  const body = await bodyObject(c);
  if (body instanceof Response) return body;
  if (body['subset'] !== undefined) {
    for (const [name, value] of Object.entries(body)) if (typeof value === 'string') given.set(name, value);
  }
  return { given, body: subsetOfBody(body) };
}

async function bodyObject(c: Context): Promise<Record<string, unknown> | Response> {
  const text = await c.req.text();
  const cache = 'max-age=0, private, must-revalidate';
  try {
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>;
    }
    return json(400, { error: 'Request body must be a JSON object' }, cache);
  } catch (error) {
    const details = error instanceof Error ? error.message : 'not JSON';
    return json(400, { error: 'Invalid JSON in request body', details }, cache);
  }
}

async function respond(
  c: Context,
  request: ReadRequest,
  answer: ShapeAnswer,
  query: RawQuery,
  { engine, clock, random }: RawShapeOptions,
  cached: boolean,
): Promise<Response> {
  switch (answer.kind) {
    case 'out_of_bounds':
      return outOfBounds();
    case 'must_refetch':
      return mustRefetch(answer.handle);
    case 'messages': {
      const own = query.handle === null ? undefined : parseRawHandle(query.handle);
      const handle = formatRawHandle(handleOf(answer, own));
      const offset = offsetAfter(answer, query, request.offset, engine.status().aging);
      const cursor = query.live ? nextCursor(query.cursor, clock.now(), random) : null;
      const headers = messageHeaders(answer, query, handle, offset, cursor, cached);
      if (query.events && c.req.method !== 'HEAD') {
        const read = (from: Offset, signal: AbortSignal) =>
          engine.read({ ...request, handle: answer.handle, offset: from, live: true, session: null, signal });
        return new Response(eventsFor(answer, read, request.signal), { status: 200, headers });
      }
      if (isKnownTag(c.req.header('if-none-match'), headers['etag']!)) {
        answer.body.release();
        delete headers[SHAPE_HEADERS.schema];
        return new Response(null, { status: 304, headers });
      }
      if (c.req.method === 'HEAD') {
        answer.body.release();
        return new Response(null, { status: 200, headers });
      }
      return new Response(await bodyOf(answer.body, c.req.raw.signal), { status: 200, headers });
    }
  }
}

/** Nothing ends the access of who has the secret; when he leaves, his stream is cancelled. */
function eventsFor(first: Messages, read: EventStreamOptions['read'], left: AbortSignal) {
  const admit = () => Promise.resolve();
  const over = new AbortController().signal;
  return eventStream({ first, read, admit, signal: left, over, done: () => {} });
}

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

/** `secret=`, its older name `api_secret=`, or a bearer token; compared in constant time. */
function hasSecret(c: Context, secret: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const given = c.req.query('secret') ?? c.req.query('api_secret') ?? bearer ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

function outOfBounds(): Response {
  return invalidRequest({ offset: ['out of bounds for this shape'] });
}
