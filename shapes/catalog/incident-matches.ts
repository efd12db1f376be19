import { DECIDERS } from '../taxonomy/incident-transitions.ts';
import { incidents } from './incidents.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Which official events of an area are, or may be, which incidents of one county: for officers. */
export const incidentMatches: ShapeDefinition = {
  name: 'incident_matches',
  table: 'incident_matches',
  columns: [
    column('official_id', 'uuid'),
    column('incident_id', 'uuid'),
    column('region', 'text', 'null'),
    column('state', 'text'),
    column('probability', 'float8'),
    column('decided_by', 'uuid', 'null'),
    column('by_officer', 'bool'),
    column('decided_at', 'timestamptz'),
  ],
  key: ['official_id', 'incident_id'],
  indexes: [['incident_id']],
  where: 'region = $1',
  values: [{ param: 'region' }],
  params: incidents.params,
  readers: DECIDERS,
  personal: false,
};
