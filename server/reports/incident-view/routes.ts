import type { OpenAPIHono } from '@hono/zod-openapi';
import type { IncidentDetail, IncidentStep } from '@halo/shapes/protocol/incidents.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { CallerEnv } from '../../auth/identity.ts';
import type { Pool } from '../../db/pool.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE } from '../rest-parts.ts';
import type { RestParts } from '../rest-parts.ts';
import * as declared from './route-declaration.ts';
import { shownReport } from './shown-report.ts';
import { followIncident, readHistory, readIncidents, readReports } from './view-store.ts';
import type { StoredStep } from './view-store.ts';

/** One incident: what it is, what was reported of it, and what became of it. */
export function incidentViewRoutes({ pool, requireCaller }: RestParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(declared.incidentRoute(requireCaller), async (c) => {
    return c.json(await detailOf(pool, c.req.valid('param').id), 200, NO_STORE);
  });
  router.openapi(declared.clusterRoute(requireCaller), async (c) => {
    return c.json(await detailOf(pool, c.req.valid('param').id), 200, NO_STORE);
  });
  router.openapi(declared.incidentReportsRoute(requireCaller), async (c) => {
    const { id } = await followIncident(pool, c.req.valid('param').id);
    const caller = c.get('caller');
    const page = await readPage(c.req.valid('query'), ['reports', id], async (after, limit) => {
      const reports = await readReports(pool, id, after, limit);
      return reports.map((report) => ({ item: shownReport(report, caller), position: report }));
    });
    return c.json({ incidentId: id, reports: [...page.items], nextCursor: page.nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.incidentHistoryRoute(requireCaller), async (c) => {
    const { id } = await followIncident(pool, c.req.valid('param').id);
    const forOfficers = DECIDERS.includes(c.get('caller').role);
    const page = await readPage(c.req.valid('query'), ['history', id], async (after, limit) => {
      const steps = await readHistory(pool, id, after, limit);
      return steps.map((step) => ({ item: shownStep(step, forOfficers), position: step }));
    });
    return c.json({ incidentId: id, steps: [...page.items], nextCursor: page.nextCursor }, 200, NO_STORE);
  });
  return router;
}

async function detailOf(pool: Pool, asked: string): Promise<IncidentDetail> {
  const { id, followed } = await followIncident(pool, asked);
  const incident = (await readIncidents(pool, [id])).get(id);
  if (incident === undefined) throw new Error('an incident that was found is not there');
  return { ...incident, followed };
}

function shownStep(
  { id, from, to, madeAt, byPerson, ...step }: StoredStep,
  forOfficers: boolean,
): IncidentStep {
  const { actorId, note } = forOfficers ? step : { actorId: null, note: null };
  return { id, from, to, madeAt: madeAt.toISOString(), byPerson, actorId, note };
}
