import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** The whole gazetteer with centres: 21 counties, 290 municipalities, and what other areas the server was given. */
export const areas: ShapeDefinition = {
  name: 'areas',
  table: 'areas',
  columns: [
    column('code', 'text'),
    column('kind', 'text'),
    column('name', 'text'),
    column('parent_code', 'text', 'null'),
    column('lat', 'float8'),
    column('lon', 'float8'),
  ],
  key: ['code'],
  where: null,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};
