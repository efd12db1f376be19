import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Context } from 'hono';
import type { Caller, CallerEnv, OpenSessions, RequireCaller } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Latency } from '../platform/latency.ts';
import { createRouter } from '../platform/router.ts';
import type { ShapeAnswer, ShapeEngine } from '../shape-engine/shape-engine.ts';
import {
  CLIENT_CLOSED_REQUEST,
  etagOf,
  invalidRequest,
  isCached,
  messageHeaders,
  mustRefetch,
} from './answer.ts';
import { bodyOf } from './body-stream.ts';
import { eventStream } from './event-stream.ts';
import { nextCursor } from './cursor.ts';
import { whenSent } from './when-sent.ts';
import { readSignal } from './read-signal.ts';
import { shapeRoute, subsetRoute } from './route-declaration.ts';
import { readShapeQuery, withBody } from './shape-query.ts';
import type { ShapeParameters, ShapeQuery } from './shape-query.ts';
import { sourceOf } from './shape-source.ts';
import { answerSubset } from './subset-answer.ts';
import type { UpstreamShapes } from './upstream/upstream-shapes.ts';

interface CommonOptions {
  readonly catalog: ReadonlyMap<string, ShapeDefinition>;
  readonly requireCaller: RequireCaller;
  readonly openSessions: OpenSessions;
  readonly clock: Clock;
  /** Random numbers for cursors. */
  readonly random: () => number;
}

interface EngineOptions extends CommonOptions {
  readonly engine: ShapeEngine;
  readonly upstream?: undefined;
  /** Told of each answer that was waited for how long its news took to leave, where somebody wants to know. */
  readonly deliveries?: Latency;
}

interface UpstreamOptions extends CommonOptions {
  readonly engine?: undefined;
  readonly upstream: UpstreamShapes;
}

/** The shapes, who may read them, and who answers: the own engine, or another server. */
export type ShapeRoutesOptions = EngineOptions | UpstreamOptions;

/** Routes of the named shapes. */
export function shapeRoutes(options: ShapeRoutesOptions): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  const { requireCaller } = options;
  router.openapi(shapeRoute(requireCaller), (c) => answerShape(c, options, { given: c.req.queries() }));
  router.openapi(subsetRoute(requireCaller), (c) =>
    answerShape(c, options, withBody(c.req.queries(), c.req.valid('json'))),
  );
  return router;
}

async function answerShape(
  c: Context<CallerEnv>,
  options: ShapeRoutesOptions,
  parameters: ShapeParameters,
): Promise<Response> {
  const name = c.req.param('name') ?? '';
  const definition = options.catalog.get(name);
  if (definition === undefined) {
    throw new HaloError('shape_not_found', `There is no shape ${name}.`, { status: 404 });
  }
  const verdict = readShapeQuery(parameters);
  if (!verdict.ok) return invalidRequest(verdict.errors);
  const { query } = verdict;
  const { method } = c.req;
  if (method === 'POST' && query.subset === null) return invalidRequest({ subset: ["can't be blank"] });
  const caller = c.get('caller');
  const sourceFor = (asking: Caller) => ({
    ...sourceOf(definition, query.params, query.replica, asking),
    log: query.log,
  });
  const source = sourceFor(caller);
  const { clock, openSessions } = options;
  const left = c.req.raw.signal;
  const reading = readSignal({ caller, clock, openSessions, left, permit: sourceFor });
  const { signal, over, done } = reading;
  const admit = async () => sourceFor(await openSessions.confirm(caller));
  const refetch = (handle: string | undefined) => mustRefetch(handle, refetchLocation(c, query, handle));
  const events = query.events && method !== 'HEAD';
  try {
    if (options.upstream !== undefined) {
      const ifNoneMatch = c.req.header('if-none-match');
      const { given } = parameters;
      const permitted = { definition, source, query, given, method, ifNoneMatch, reading, admit, refetch };
      return await options.upstream.answer(permitted);
    }
    const { engine } = options;
    const { subset } = query;
    if (subset !== null) {
      const asked = { definition, source, query, subset, reading, method, admit, refetch };
      return await answerSubset(engine, asked);
    }
    // A stream begins with what there is, and waits only when it has begun.
    const session = sessionOf(caller, query);
    const live = query.live && !query.events;
    const first = await engine.read({ ...query, live, session, source, signal });
    const answer = events && first.kind === 'messages' ? first : releasing(first, done);
    try {
      // News came after the caller was let in: whether he still may have it is asked again.
      if (query.live && !query.events && hasNews(answer)) await admit();
      // Ended meanwhile: a stream that is cut before its first byte would be no answer at all.
      over.throwIfAborted();
      if (!events || answer.kind !== 'messages') {
        return await respond(c, answer, over, query, definition, options);
      }
      const { handle } = answer;
      const read = (offset: Offset, ends: AbortSignal) =>
        engine.read({ ...query, handle, offset, session: null, source, signal: ends });
      const stream = eventStream({ first: answer, read, admit, signal, over, done });
      return new Response(stream, { headers: headersOf(answer, query, definition, options) });
    } catch (error) {
      if (answer.kind === 'messages') answer.body.release();
      throw error;
    }
  } catch (error) {
    done();
    // The reader has left; nobody sees this answer, and it is nobody's fault.
    if (left.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    throw error;
  }
}

/** Whoever knows the name of another person's session is no part of it, and learns nothing of that person's news. */
function sessionOf({ userId }: Caller, { session }: ShapeQuery): string | null {
  return session === null ? null : `${userId}/${session}`;
}

/** The answer, with `done` called as soon as nothing of it is left to be sent. */
function releasing(answer: ShapeAnswer, done: () => void): ShapeAnswer {
  if (answer.kind !== 'messages') {
    done();
    return answer;
  }
  const { body } = answer;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    body.release();
    done();
  };
  return {
    ...answer,
    body: { length: body.length, bytes: body.bytes, pieces: () => body.pieces(), release },
  };
}

function hasNews(answer: ShapeAnswer): boolean {
  return answer.kind === 'messages' && answer.hasData;
}

async function respond(
  c: Context<CallerEnv>,
  answer: ShapeAnswer,
  over: AbortSignal,
  query: ShapeQuery,
  definition: ShapeDefinition,
  options: EngineOptions,
): Promise<Response> {
  switch (answer.kind) {
    case 'out_of_bounds':
      return invalidRequest({ offset: ['out of bounds for this shape'] });
    case 'must_refetch':
      return mustRefetch(answer.handle, refetchLocation(c, query, answer.handle));
    case 'messages': {
      const headers = headersOf(answer, query, definition, options);
      if (isCached(answer, query, definition, c.req.header('if-none-match'))) {
        answer.body.release();
        return new Response(null, { status: 304, headers: { ...headers, etag: etagOf(answer, query) } });
      }
      if (c.req.method === 'HEAD') {
        answer.body.release();
        return new Response(null, { status: 200, headers });
      }
      const { newsSince } = answer;
      if (newsSince !== undefined)
        whenSent(c, () => options.deliveries?.observe(performance.now() - newsSince));
      return new Response(await bodyOf(answer.body, over), { status: 200, headers });
    }
  }
}

function headersOf(
  answer: Extract<ShapeAnswer, { kind: 'messages' }>,
  query: ShapeQuery,
  definition: ShapeDefinition,
  { engine, clock, random }: EngineOptions,
): Record<string, string> {
  const cursor = query.live ? nextCursor(query.cursor, clock.now(), random) : null;
  return messageHeaders(answer, query, definition, cursor, engine.status().head);
}

/** Where the reader begins again: the same shape from its start. */
function refetchLocation(c: Context<CallerEnv>, query: ShapeQuery, handle: string | undefined): string {
  const search = new URLSearchParams(query.params);
  if (query.replica === 'full') search.set('replica', 'full');
  if (query.log === 'changes_only') search.set('log', query.log);
  if (handle !== undefined) search.set('handle', handle);
  search.set('offset', '-1');
  return `${new URL(c.req.url).pathname}?${search.toString()}`;
}
