import { ROLES } from '../protocol/auth.ts';
import { DECIDERS } from '../taxonomy/incident-transitions.ts';
import { incidents } from './incidents.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

const PUBLIC_COLUMNS = [
  column('id', 'uuid'),
  column('incident_id', 'uuid', 'null'),
  column('source', 'text'),
  column('type', 'text'),
  column('severity', 'int2'),
  column('occurred_at', 'timestamptz'),
  column('received_at', 'timestamptz'),
  column('status', 'text'),
  column('location_precision', 'text'),
  column('region', 'text', 'null'),
];

/** What everybody may know of the reports of one county: neither who, nor where, nor in what words. */
export const incidentReports: ShapeDefinition = {
  name: 'incident_reports',
  table: 'reports',
  columns: PUBLIC_COLUMNS,
  key: ['id'],
  indexes: [['incident_id']],
  where: 'region = $1 AND NOT past',
  values: [{ param: 'region' }],
  params: incidents.params,
  readers: ROLES,
  personal: false,
};

/** The reports of one county with what they say and exactly where: for officers. Who said it is shown to nobody (decision 0037). */
export const incidentReportDetails: ShapeDefinition = {
  ...incidentReports,
  name: 'incident_report_details',
  columns: [
    ...PUBLIC_COLUMNS,
    column('raw_type', 'text', 'null'),
    column('description', 'text'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('accuracy_m', 'float8', 'null'),
  ],
  readers: DECIDERS,
};
