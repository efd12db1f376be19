import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** The places that the caller watches. */
export const myWatches: ShapeDefinition = {
  name: 'my_watches',
  table: 'watches',
  columns: [
    column('id', 'uuid'),
    column('name', 'text'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('radius_m', 'float8'),
    column('threshold', 'float8'),
    column('created_at', 'timestamptz'),
    column('updated_at', 'timestamptz'),
  ],
  key: ['id'],
  where: 'user_id = $1',
  values: [{ caller: 'userId' }],
  params: {},
  readers: ROLES,
  personal: true,
};
