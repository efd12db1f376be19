import type { OpenAPIHono } from '@hono/zod-openapi';
import { INCIDENT_TRANSITION } from '@halo/shapes/mutations/incident-transition.ts';
import type { IncidentTransitionArgs } from '@halo/shapes/mutations/incident-transition.ts';
import { transitionMadeSchema } from '@halo/shapes/protocol/decisions.ts';
import type { CallerEnv } from '../../auth/identity.ts';
import { createRouter } from '../../platform/router.ts';
import { joinIncidents, splitIncident } from '../hand-groups.ts';
import { followIncident } from '../incident-view/view-store.ts';
import { applyRequest, NO_STORE } from '../rest-parts.ts';
import type { RestParts } from '../rest-parts.ts';
import { asOfficer, ruleOnPair } from './decide.ts';
import { listMatches } from './match-list.ts';
import * as declared from './route-declaration.ts';

/** What officers decide about incidents. */
export function decisionRoutes(parts: RestParts): OpenAPIHono<CallerEnv> {
  const { pool, requireCaller, requireWriter, newId } = parts;
  const router = createRouter<CallerEnv>();
  router.openapi(declared.transitionRoute(requireWriter), async (c) => {
    const args: IncidentTransitionArgs = { incidentId: c.req.valid('param').id, ...c.req.valid('json') };
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await applyRequest(parts, c.get('caller'), INCIDENT_TRANSITION, args, key);
    const answer = transitionMadeSchema.parse({ ...applied.result, txid: applied.txid });
    return c.json(answer, 200, applied.headers);
  });
  router.openapi(declared.splitRoute(requireWriter), async (c) => {
    const { id } = c.req.valid('param');
    const { reportIds, note } = c.req.valid('json');
    const officer = c.get('caller');
    const answer = await asOfficer(parts, officer.userId, (tx) =>
      splitIncident(tx, parts, id, reportIds, { id: newId(), officer, note }),
    );
    return c.json(answer, 200, NO_STORE);
  });
  router.openapi(declared.joinRoute(requireWriter), async (c) => {
    const { id } = c.req.valid('param');
    const { incidentIds, note } = c.req.valid('json');
    const officer = c.get('caller');
    const incidentId = await asOfficer(parts, officer.userId, (tx) =>
      joinIncidents(tx, parts, [id, ...incidentIds], { id: newId(), officer, note }),
    );
    return c.json({ incidentId }, 200, NO_STORE);
  });
  router.openapi(declared.matchesRoute(requireCaller), async (c) => {
    const { id } = await followIncident(pool, c.req.valid('param').id, 'merged only');
    return c.json({ incidentId: id, matches: await listMatches(pool, id) }, 200, NO_STORE);
  });
  router.openapi(declared.ruleMatchRoute(requireWriter), async (c) => {
    const { id } = c.req.valid('param');
    const { otherId, state } = c.req.valid('json');
    const officer = c.get('caller');
    const ruled = await asOfficer(parts, officer.userId, (tx) =>
      ruleOnPair(tx, [id, otherId], state, officer),
    );
    return c.json(ruled, 200, NO_STORE);
  });
  return router;
}
