import { INCIDENT_TRANSITION, incidentTransitionSchema } from '@halo/shapes/mutations/incident-transition.ts';
import type { IncidentTransitionArgs } from '@halo/shapes/mutations/incident-transition.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import { recordAct } from '../audit/audit-log.ts';
import { missing, MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { judgeTransition } from './judge-transition.ts';
import {
  insertTransition,
  lockLiveIncident,
  presentRole,
  writeEnd,
  writeVerdict,
} from './transition-store.ts';

/**
 * `incident.transition`: an officer decides about an incident; of one that has been merged, about the one that it
 * was merged into. The role is the one that he has now, whatever his token says.
 */
export const incidentTransitionHandler: MutationHandler<IncidentTransitionArgs> = {
  type: INCIDENT_TRANSITION,
  schema: incidentTransitionSchema,
  locks: () => [],
  async apply(tx, { incidentId, from, to, note }, context) {
    const role = await presentRole(tx, context.userId);
    if (role === undefined || !DECIDERS.includes(role))
      throw new MutationRejection('forbidden', 'Only officers decide about incidents.');
    const incident = await lockLiveIncident(tx, incidentId);
    if (incident === undefined) throw await missing(context, incidentId, 'incidentId');

    const { id, region, status, verification } = incident;
    const ofStatus = to === 'open' || to === 'closed';
    const now = ofStatus ? status : verification;
    const judgement = judgeTransition(incident, role, from, to);
    if (judgement === 'transition_conflict')
      throw new MutationRejection(judgement, `Another officer has made it ${now} meanwhile.`, 'from');
    if (judgement === 'illegal_transition')
      throw new MutationRejection(judgement, `An incident that is ${now} cannot become ${to}.`, 'to');
    if (judgement === 'already') return { incidentId: id, changed: false };

    if (ofStatus) await writeEnd(tx, id, to === 'closed');
    else await writeVerdict(tx, id, to);
    const made = { id: context.mutationId, incidentId: id, region, actorId: context.userId };
    await insertTransition(tx, { ...made, from: now, to, note });
    await recordAct(tx, context, {
      action: 'incident.transition',
      target: { kind: 'incident', id },
      reason: note,
      details: { from: now, to },
    });
    return { incidentId: id, changed: true };
  },
};
