import type { IncomingHttpHeaders } from 'node:http';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import type { Clock } from '../../platform/clock.ts';
import { isHaloError } from '../../platform/errors.ts';
import type { ShapeSource, SubsetChecker } from '../../shape-engine/shape-engine.ts';
import { EVENTS_TYPE, invalidRequest, JSON_TYPE, sharing, subsetFaults } from '../answer.ts';
import { streamOf } from '../body-stream.ts';
import type { ReadSignal } from '../read-signal.ts';
import type { ShapeQuery } from '../shape-query.ts';
import { passedEvents } from './passed-events.ts';
import type { ShapeUpstream, UpstreamAnswer, UpstreamRequest } from './shape-upstream.ts';
import { subsetBody, upstreamQuery } from './upstream-query.ts';
import { judge } from './upstream-verdict.ts';

/** Headers that are the protocol's, and passed on as they come. */
const PASSED = [
  SHAPE_HEADERS.handle,
  SHAPE_HEADERS.offset,
  SHAPE_HEADERS.schema,
  SHAPE_HEADERS.cursor,
  SHAPE_HEADERS.upToDate,
  SHAPE_HEADERS.hasData,
  SHAPE_HEADERS.snapshot,
];
/** An error's body is read up to here. */
const MAX_ERROR_BYTES = 16 * 1024;

export interface UpstreamShapesOptions {
  readonly upstream: ShapeUpstream;
  readonly subsets: SubsetChecker;
  readonly clock: Clock;
}

/** A request whose caller may read the shape, and that is well formed. */
export interface PermittedRequest {
  readonly definition: ShapeDefinition;
  readonly source: ShapeSource;
  readonly query: ShapeQuery;
  /** The query's parameters as they were sent. */
  readonly given: Readonly<Record<string, readonly string[]>>;
  readonly method: string;
  readonly ifNoneMatch: string | undefined;
  readonly reading: ReadSignal;
  /** Throws when the caller may not have it any more. */
  readonly admit: () => Promise<unknown>;
  /** The answer to a position that means nothing any more. */
  readonly refetch: (handle: string | undefined) => Response;
}

/** Named shapes that another server answers: what is asked and who may is decided here, and the bytes pass through. */
export class UpstreamShapes {
  readonly #options: UpstreamShapesOptions;

  constructor(options: UpstreamShapesOptions) {
    this.#options = options;
  }

  /** Answers a request; `reading` is done when nothing of the answer is left, or this rejects. */
  async answer(request: PermittedRequest): Promise<Response> {
    const { upstream, clock } = this.#options;
    const { reading, query, admit, definition } = request;
    let asked: UpstreamRequest;
    try {
      asked = await this.#asked(request);
    } catch (error) {
      if (!isHaloError(error, 'subset_invalid')) throw error;
      reading.done();
      return invalidRequest(subsetFaults(error));
    }
    const answer = await upstream.ask(asked);
    try {
      const passes = answer.status === 200;
      const verdict = judge(answer.status, answer.headers, passes ? '' : await textOf(answer), clock.now());
      if (verdict.kind === 'pass' && waitBroughtNews(query, answer.headers)) await admit();
      reading.over.throwIfAborted();
      if (verdict.kind === 'pass' && request.method !== 'HEAD') return this.#stream(request, answer);
      answer.release();
      reading.done();
      switch (verdict.kind) {
        case 'must_refetch':
          return request.refetch(verdict.handle);
        case 'invalid':
          return invalidRequest(verdict.errors);
        case 'not_modified':
          return new Response(null, { status: 304, headers: headersOf(answer.headers, query, definition) });
        case 'pass':
          return new Response(null, { headers: headersOf(answer.headers, query, definition) });
      }
    } catch (error) {
      answer.release();
      throw error;
    }
  }

  async #asked({
    source,
    query,
    given,
    method,
    ifNoneMatch,
    definition,
    reading,
  }: PermittedRequest): Promise<UpstreamRequest> {
    const { signal } = reading;
    const base = { query: upstreamQuery(source, given), signal };
    if (query.subset === null) {
      const cached = definition.personal || query.live ? undefined : ifNoneMatch;
      return { ...base, method: method === 'HEAD' ? 'HEAD' : 'GET', ifNoneMatch: cached, body: null };
    }
    const subset = await this.#options.subsets.check(source, { ...query.subset, columns: source.columns });
    return { ...base, method: 'POST', ifNoneMatch: undefined, body: subsetBody(subset) };
  }

  #stream({ query, reading, admit, definition }: PermittedRequest, answer: UpstreamAnswer): Response {
    const { upstream } = this.#options;
    const events = query.events && query.subset === null;
    const release = () => {
      answer.release();
      reading.done();
    };
    const pieces = () => (events ? passedEvents(answer, admit, upstream.stopping) : answer.pieces());
    return new Response(streamOf({ pieces, release }, reading.over, { whenOver: events ? 'end' : 'break' }), {
      headers: headersOf(answer.headers, query, definition),
    });
  }
}

/** News came after the caller was let in: whether he still may have it is asked again. Events ask by themselves. */
function waitBroughtNews({ live, events, subset }: ShapeQuery, headers: IncomingHttpHeaders): boolean {
  if (subset !== null) return true;
  return live && !events && headers[SHAPE_HEADERS.hasData] !== 'false';
}

/** The protocol's headers as they came; who may keep the answer is said by us. */
function headersOf(
  from: IncomingHttpHeaders,
  query: ShapeQuery,
  definition: ShapeDefinition,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...(query.events && query.subset === null ? EVENTS_TYPE : JSON_TYPE),
    ...sharing(query, definition),
  };
  for (const name of PASSED) {
    const value = from[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if (!definition.personal && query.subset === null && from.etag !== undefined) headers['etag'] = from.etag;
  return headers;
}

/** An error's body, as much of it as is looked at. */
async function textOf(answer: UpstreamAnswer): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.pieces()) {
    parts.push(piece);
    bytes += piece.length;
    if (bytes >= MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, MAX_ERROR_BYTES);
}
