import { incidents } from './incidents.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/**
 * Comments on incidents of one county, for all who may see these. They do not say who wrote them; one's own are
 * those with the id of an own mutation.
 */
export const comments: ShapeDefinition = {
  name: 'comments',
  table: 'comments',
  columns: [
    column('id', 'uuid'),
    column('incident_id', 'uuid'),
    column('region', 'text', 'null'),
    column('by_officer', 'bool'),
    column('body', 'text'),
    column('created_at', 'timestamptz'),
  ],
  key: ['id'],
  indexes: [['incident_id']],
  where: 'region = $1 AND deleted_at IS NULL AND NOT past',
  values: [{ param: 'region' }],
  params: incidents.params,
  readers: incidents.readers,
  personal: false,
};
