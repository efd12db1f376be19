import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AreaAnswer, AreaList } from '@halo/shapes/protocol/areas.ts';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { createRouter } from '../platform/router.ts';
import { foldCountyName, foldName } from './area-names.ts';
import { findArea, findAreas } from './area-store.ts';
import type { Area, Gazetteer, PointAreas } from './area.ts';
import { toGeoJson } from './outline.ts';
import { areaRoute, areasRoute } from './route-declaration.ts';
import type { AreasQuery } from './route-declaration.ts';

/** Areas change at a start of the server, if at all; and who may read them has an account. */
const CACHE = { 'cache-control': 'private, max-age=60' };

export interface AreaRoutesOptions {
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  readonly requireCaller: RequireCaller;
}

/** The routes of areas, for whoever may read the shape `areas`. */
export function areaRoutes({ pool, gazetteer, requireCaller }: AreaRoutesOptions): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(areasRoute(requireCaller), async (c) => {
    return c.json(await listAreas(pool, gazetteer, c.req.valid('query')), 200, CACHE);
  });
  router.openapi(areaRoute(requireCaller), async (c) => {
    const { code } = c.req.valid('param');
    const area = await findArea(pool, code);
    if (area === undefined)
      throw new HaloError('area_not_found', `There is no area ${code}.`, { status: 404 });
    if (c.req.valid('query').geometry === 'false') return c.json(answerOf(area), 200, CACHE);
    const outline = gazetteer.outlineOf(code);
    const geometry = outline === undefined ? null : toGeoJson(outline);
    return c.json({ ...answerOf(area), geometry }, 200, CACHE);
  });
  return router;
}

async function listAreas(pool: Pool, gazetteer: Gazetteer, query: AreasQuery): Promise<AreaList> {
  const { kind, parent, cursor = '', limit } = query;
  const point = areasOfPoint(gazetteer, query);
  const codes = point && codesOf(point.areas);
  const filter = { kind, parentCode: parent, codes, matches: nameMatcher(query) };
  // One more than is shown tells whether this is the end.
  const found = await findAreas(pool, filter, cursor, limit + 1);
  const shown = found.slice(0, limit);
  return {
    areas: shown.map(answerOf),
    areaBasis: point?.areas?.basis ?? null,
    nextCursor: found.length > limit ? (shown.at(-1)?.code ?? null) : null,
  };
}

/** What holds the point that is asked for; undefined where none is. */
function areasOfPoint(
  gazetteer: Gazetteer,
  { lat, lon }: AreasQuery,
): { readonly areas: PointAreas | undefined } | undefined {
  if (lat !== undefined && lon !== undefined) return { areas: gazetteer.areasOfPoint(lat, lon) };
  if (lat === undefined && lon === undefined) return undefined;
  const field = lat === undefined ? 'lat' : 'lon';
  throw new HaloError('invalid_request', 'A point has a lat and a lon.', { status: 400, field });
}

function codesOf(areas: PointAreas | undefined): readonly string[] {
  return areas === undefined
    ? []
    : [areas.county, areas.municipality, areas.district].filter((code) => code !== null);
}

function nameMatcher({ name, q }: AreasQuery): (area: Area) => boolean {
  const [whole, county, part] = [name && foldName(name), name && foldCountyName(name), q && foldName(q)];
  return (area) => {
    if (part !== undefined && !foldName(area.name).includes(part)) return false;
    if (whole === undefined || foldName(area.name) === whole) return true;
    return area.kind === 'county' && foldCountyName(area.name) === county;
  };
}

function answerOf({ code, kind, name, parentCode, lat, lon }: Area): AreaAnswer {
  return { code, kind, name, parentCode, lat, lon };
}
