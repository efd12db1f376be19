import { z } from 'zod';
import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Incidents of one county, but for those of long ago: public columns only, locations already snapped. */
export const incidents: ShapeDefinition = {
  name: 'incidents',
  table: 'incidents',
  columns: [
    column('id', 'uuid'),
    column('type', 'text'),
    column('severity', 'int2'),
    column('status', 'text'),
    column('verification', 'text'),
    column('confidence', 'float8'),
    column('occurred_at', 'timestamptz'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('location_precision', 'text'),
    column('region', 'text', 'null'),
    column('municipality', 'text', 'null'),
    column('district', 'text', 'null'),
    column('report_count', 'int4'),
    column('reporter_count', 'int4'),
    column('official', 'bool'),
    column('merged_into', 'uuid', 'null'),
    column('matched_to', 'uuid', 'null'),
    column('created_at', 'timestamptz'),
    column('updated_at', 'timestamptz'),
  ],
  key: ['id'],
  indexes: [['occurred_at']],
  where: 'region = $1 AND NOT past',
  values: [{ param: 'region' }],
  params: { region: z.string().regex(/^\d{2}$/, 'a county code of two digits') },
  readers: ROLES,
  personal: false,
};
