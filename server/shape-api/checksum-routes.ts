import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { Context } from 'hono';
import type { Caller, CallerEnv, OpenSessions, RequireCaller } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { createRouter } from '../platform/router.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import { CLIENT_CLOSED_REQUEST, invalidRequest, JSON_TYPE, mustRefetch } from './answer.ts';
import { readChecksumQuery } from './checksum-query.ts';
import type { ChecksumTally } from './checksum-tally.ts';
import { readSignal } from './read-signal.ts';
import { checksumRoute } from './route-declaration.ts';
import { sourceOf } from './shape-source.ts';

export interface ChecksumRoutesOptions {
  readonly catalog: ReadonlyMap<string, ShapeDefinition>;
  /** Undefined where another server answers the shapes: their log is not here. */
  readonly engine: ShapeEngine | undefined;
  readonly requireCaller: RequireCaller;
  readonly openSessions: OpenSessions;
  readonly clock: Clock;
  readonly tally: ChecksumTally;
}

/** The route that tells a device what its rows of a shape should come to. */
export function checksumRoutes(options: ChecksumRoutesOptions): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(checksumRoute(options.requireCaller), (c) => answerChecksum(c, options));
  return router;
}

/** Whoever may follow the shape, with these parameters and by this name, may ask, and nobody else (invariant 8). */
async function answerChecksum(c: Context<CallerEnv>, options: ChecksumRoutesOptions): Promise<Response> {
  const { catalog, engine, openSessions, clock, tally } = options;
  const name = c.req.param('name') ?? '';
  const definition = catalog.get(name);
  if (definition === undefined) {
    throw new HaloError('shape_not_found', `There is no shape ${name}.`, { status: 404 });
  }
  if (engine === undefined) {
    const message = 'Another server answers the shapes, and tells no checksums.';
    throw new HaloError('checksums_unavailable', message, { status: 404 });
  }
  const verdict = readChecksumQuery(c.req.queries());
  if (!verdict.ok) return invalidRequest(verdict.errors);
  const { query, device } = verdict;
  const caller = c.get('caller');
  const sourceFor = (asking: Caller) => sourceOf(definition, query.params, 'default', asking);
  const source = sourceFor(caller);
  const left = c.req.raw.signal;
  const reading = readSignal({ caller, clock, openSessions, left, permit: sourceFor });
  try {
    const { columns } = definition;
    const { offset, handle } = query;
    const answer = await engine.checksum({ source, columns, offset, handle, signal: reading.signal });
    sourceFor(await openSessions.confirm(caller));
    reading.over.throwIfAborted();
    if (answer.kind === 'out_of_bounds') return invalidRequest({ offset: ['out of bounds for this shape'] });
    if (answer.kind === 'must_refetch') return mustRefetch(answer.handle, shapePath(name, query.params));
    const { rows, digest } = answer;
    const checksum: Checksum = { rows, digest };
    if (device !== null) {
      const place = { shape: name, userId: caller.userId, offset: formatOffset(offset) };
      tally.note({ ...place, device, server: checksum });
    }
    return new Response(JSON.stringify(checksum), {
      headers: { ...JSON_TYPE, 'cache-control': 'private, no-store' },
    });
  } catch (error) {
    // The reader has left; nobody sees this answer, and it is nobody's fault.
    if (left.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    throw error;
  } finally {
    reading.done();
  }
}

function shapePath(name: string, params: Readonly<Record<string, string>>): string {
  return `/v1/shapes/${name}?${new URLSearchParams({ ...params, offset: '-1' }).toString()}`;
}
