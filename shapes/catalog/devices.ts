import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/**
 * What devices have last said of themselves, for operators. A row changes when what it says does, and not with each contact:
 * ages and states are in `GET /api/v1/admin/sync/devices` (decision 0052).
 */
export const devices: ShapeDefinition = {
  name: 'devices',
  table: 'device_status',
  columns: [
    column('id', 'uuid'),
    column('user_id', 'uuid'),
    // Null while it is heard; written when it has been silent for two minutes.
    column('silent_since', 'timestamptz', 'null'),
    column('pending', 'int4', 'null'),
  ],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ['operator'],
  personal: false,
};
