import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { isHaloError } from '../platform/errors.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import { errorAnswer, invalidRequest, json } from './raw-answer.ts';
import { parseRawHandle } from './raw-handle.ts';
import { readRawQuery } from './raw-query.ts';
import type { RawQuery } from './raw-query.ts';
import { sourceOf } from './raw-source.ts';

const CACHE = 'no-cache';
const MISMATCH =
  'The specified shape definition and handle do not match. Please ensure the shape definition is correct or omit the ' +
  'shape handle from the request to obtain a new one.';

/** Answers `DELETE`: the shape of a definition, of a handle, or of both. */
export async function deleteRawShape(
  engine: ShapeEngine,
  given: ReadonlyMap<string, string>,
): Promise<Response> {
  const text = given.get('handle') ?? '';
  // One that is no handle of ours is none of any shape.
  const handle = text === '' ? null : (parseRawHandle(text)?.engine ?? text);
  const query = definitionOf(given);
  if (query instanceof Response) return query;
  if (query === undefined && handle === null) {
    return invalidRequest({ handle: ["can't be blank when shape definition is missing"] }, CACHE);
  }
  try {
    const source = query === undefined ? null : sourceOf(query);
    switch (await engine.deleteShape({ source, handle })) {
      case 'deleted':
        return new Response('', { status: 202, headers: DELETED });
      case 'not_found':
        return notFound();
      case 'mismatch':
        return json(400, { message: MISMATCH }, CACHE);
    }
  } catch (error) {
    // Nobody has followed a table that is not published.
    if (isHaloError(error, 'replica_identity_not_full')) return notFound();
    return errorAnswer(error, query ?? { schema: '', table: '' }, CACHE);
  }
}

const DELETED = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': CACHE,
  [SHAPE_HEADERS.hasData]: 'true',
};

function notFound(): Response {
  return json(404, { message: 'No existing shape found' }, CACHE);
}

/** The definition in the request, undefined where there is none; what belongs to a reading does not count. */
function definitionOf(given: ReadonlyMap<string, string>): RawQuery | Response | undefined {
  if ((given.get('table') ?? '') === '') return undefined;
  const definition = new Map([...given].filter(([name]) => !OF_A_READING.has(name)));
  const verdict = readRawQuery(definition.set('offset', '-1'));
  return verdict.ok ? verdict.query : invalidRequest(verdict.errors, CACHE);
}

const OF_A_READING: ReadonlySet<string> = new Set([
  'offset',
  'handle',
  'live',
  'live_sse',
  'experimental_live_sse',
  'cursor',
]);
