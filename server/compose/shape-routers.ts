import type { OpenAPIHono } from '@hono/zod-openapi';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { CallerEnv, OpenSessions, RequireCaller } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import type { Latency } from '../platform/latency.ts';
import { rawShapeRoutes } from '../raw-shapes/raw-routes.ts';
import { checksumRoutes } from '../shape-api/checksum-routes.ts';
import type { ChecksumTally } from '../shape-api/checksum-tally.ts';
import { shapeRoutes } from '../shape-api/routes.ts';
import type { ShapeUpstream } from '../shape-api/upstream/shape-upstream.ts';
import { UpstreamShapes } from '../shape-api/upstream/upstream-shapes.ts';
import { createSubsetChecker } from '../shape-engine/subset-checker.ts';
import { PUBLICATION } from './read-path.ts';
import type { ReadPath } from './read-path.ts';

/** What the routes of shapes need from outside. */
export interface ShapeRoutersParts {
  readonly config: Pick<Config, 'shapeSecret' | 'shapeDeletion'>;
  readonly pool: Pool;
  readonly readPath: ReadPath | undefined;
  readonly upstream: ShapeUpstream | undefined;
  readonly openSessions: OpenSessions;
  /** In front of the named shapes. */
  readonly requireCaller: RequireCaller;
  /** In front of what devices compare their rows with. */
  readonly requireChecker: RequireCaller;
  readonly deliveries: Latency;
  readonly tally: ChecksumTally;
  readonly clock: Clock;
}

/** The catalogue's shapes, what devices compare their rows with, and Electric's own API where a secret guards it. */
export async function shapeRouters(parts: ShapeRoutersParts): Promise<readonly OpenAPIHono<CallerEnv>[]> {
  return [checksums(parts), await namedShapes(parts), ...rawShapes(parts)];
}

/** Another server tells no checksums. */
function checksums({ readPath, upstream, openSessions, clock, tally, requireChecker }: ShapeRoutersParts) {
  const engine = upstream === undefined ? readPath?.engine : undefined;
  return checksumRoutes({
    catalog: CATALOG,
    engine,
    openSessions,
    clock,
    tally,
    requireCaller: requireChecker,
  });
}

/** Answered by another server where there is one and else by the own engine. */
async function namedShapes(parts: ShapeRoutersParts) {
  const { pool, readPath, upstream, deliveries, openSessions, requireCaller, clock } = parts;
  const common = { openSessions, requireCaller, clock, catalog: CATALOG, random: Math.random };
  if (upstream !== undefined) {
    const subsets = await createSubsetChecker(pool);
    return shapeRoutes({ ...common, upstream: new UpstreamShapes({ upstream, subsets, clock }) });
  }
  if (readPath === undefined) throw new Error('nobody answers for the named shapes');
  return shapeRoutes({ ...common, engine: readPath.engine, deliveries });
}

function rawShapes({ config, pool, readPath, clock }: ShapeRoutersParts) {
  const { shapeSecret: secret, shapeDeletion: deletes } = config;
  if (secret === undefined || readPath === undefined) return [];
  const common = { engine: readPath.engine, pool, clock, random: Math.random };
  return [rawShapeRoutes({ ...common, publication: PUBLICATION, secret, deletes })];
}
