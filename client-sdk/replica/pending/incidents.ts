import { INCIDENT_TRANSITION } from '@halo/shapes/mutations/incident-transition.ts';
import type { IncidentTransitionArgs } from '@halo/shapes/mutations/incident-transition.ts';
import type { OptimisticView } from './optimistic-view.ts';

/**
 * What officers decided. A verdict other than `dismissed` leaves the status alone: whether an incident that was
 * dismissed is open again only the server knows, who knows whether it was closed besides.
 */
export const incidentsView: OptimisticView = {
  shape: 'incidents',
  columns: ['status', 'verification'],
  subjectOf: ({ type, args }) =>
    type === INCIDENT_TRANSITION ? (args as IncidentTransitionArgs).incidentId : undefined,
  fold(mutations) {
    const decided = mutations.map(({ args }) => (args as IncidentTransitionArgs).to);
    const end = decided.findLast((to) => to === 'open' || to === 'closed');
    const verdict = decided.findLast((to) => to !== 'open' && to !== 'closed');
    return {
      kind: 'change',
      values: { status: verdict === 'dismissed' ? 'closed' : end, verification: verdict },
    };
  },
};
