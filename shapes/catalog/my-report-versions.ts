import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** What the caller's own reports said before they were amended. */
export const myReportVersions: ShapeDefinition = {
  name: 'my_report_versions',
  table: 'report_versions',
  columns: [
    column('report_id', 'uuid'),
    column('version', 'int4'),
    column('type', 'text'),
    column('severity', 'int2'),
    column('occurred_at', 'timestamptz'),
    column('description', 'text'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('accuracy_m', 'float8', 'null'),
    column('replaced_by', 'uuid'),
    column('replaced_at', 'timestamptz'),
  ],
  key: ['report_id', 'version'],
  where: 'reporter_id = $1',
  values: [{ caller: 'userId' }],
  params: {},
  readers: ROLES,
  personal: true,
};
