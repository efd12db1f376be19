import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** The caller's own reports, with the exact position that only their author sees. */
export const myReports: ShapeDefinition = {
  name: 'my_reports',
  table: 'reports',
  columns: [
    column('id', 'uuid'),
    column('type', 'text'),
    column('severity', 'int2'),
    column('occurred_at', 'timestamptz'),
    column('received_at', 'timestamptz'),
    column('description', 'text'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('accuracy_m', 'float8', 'null'),
    column('region', 'text', 'null'),
    column('municipality', 'text', 'null'),
    column('district', 'text', 'null'),
    column('status', 'text'),
    column('incident_id', 'uuid', 'null'),
    column('version', 'int4'),
    column('updated_at', 'timestamptz'),
  ],
  key: ['id'],
  indexes: [['occurred_at']],
  where: 'reporter_id = $1',
  values: [{ caller: 'userId' }],
  params: {},
  readers: ROLES,
  personal: true,
};
