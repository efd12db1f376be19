import { ROLES } from '../protocol/auth.ts';
import { incidentTransitions } from './incident-transitions.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** What became of the incidents of one county, and when, without who decided it and why: for everybody. */
export const incidentHistory: ShapeDefinition = {
  ...incidentTransitions,
  name: 'incident_history',
  columns: [
    column('id', 'uuid'),
    column('incident_id', 'uuid'),
    column('region', 'text', 'null'),
    column('from_state', 'text'),
    column('to_state', 'text'),
    column('made_at', 'timestamptz'),
  ],
  readers: ROLES,
};
