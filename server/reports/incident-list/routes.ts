import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../../auth/identity.ts';
import type { Pool } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import type { RestParts } from '../rest-parts.ts';
import { NO_STORE } from '../rest-parts.ts';
import type { Circle, IncidentFilter } from './incident-filter.ts';
import { kindOfArea, listIncidents } from './list-store.ts';
import { checkPeriod } from './query-parts.ts';
import { incidentsRoute } from './route-declaration.ts';
import type { IncidentsQuery } from './route-declaration.ts';

/** The list of incidents. */
export function incidentListRoutes({ pool, requireCaller }: RestParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(incidentsRoute(requireCaller), async (c) => {
    const query = c.req.valid('query');
    const filter = await filterOf(pool, query);
    const { items, nextCursor } = await readPage(query, ['incidents', filter], (after, limit) =>
      listIncidents(pool, filter, after, limit),
    );
    return c.json({ incidents: [...items], nextCursor }, 200, NO_STORE);
  });
  return router;
}

async function filterOf(pool: Pool, query: IncidentsQuery): Promise<IncidentFilter> {
  const { bbox, area, type, severity, status, verified, from, to } = query;
  checkPeriod(query);
  return {
    bbox,
    near: circleOf(query),
    area: area === undefined ? undefined : await areaOf(pool, area),
    types: type,
    minSeverity: severity,
    status,
    verified,
    from,
    to,
  };
}

function circleOf({ near, radius }: IncidentsQuery): Circle | undefined {
  if (near !== undefined && radius !== undefined) return { ...near, radiusM: radius };
  if (near === undefined && radius === undefined) return undefined;
  const field = near === undefined ? 'near' : 'radius';
  throw new HaloError('invalid_request', 'A circle has a point near which to look, and a radius.', {
    status: 400,
    field,
  });
}

async function areaOf(pool: Pool, code: string): Promise<NonNullable<IncidentFilter['area']>> {
  const kind = await kindOfArea(pool, code);
  if (kind !== undefined) return { kind, code };
  throw new HaloError('unknown_area', `There is no area ${code}.`, {
    status: 400,
    field: 'area',
    hint: 'GET /api/v1/areas finds areas and their codes.',
  });
}
