import { DECIDERS } from '../taxonomy/incident-transitions.ts';
import { incidents } from './incidents.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** What officers decided about incidents of one county, and who it was: for officers. */
export const incidentTransitions: ShapeDefinition = {
  name: 'incident_transitions',
  table: 'incident_transitions',
  columns: [
    column('id', 'uuid'),
    column('incident_id', 'uuid'),
    column('region', 'text', 'null'),
    column('actor_id', 'uuid', 'null'),
    column('from_state', 'text'),
    column('to_state', 'text'),
    column('note', 'text'),
    column('made_at', 'timestamptz'),
  ],
  key: ['id'],
  indexes: [['incident_id']],
  where: 'region = $1 AND NOT past',
  values: [{ param: 'region' }],
  params: incidents.params,
  readers: DECIDERS,
  personal: false,
};
