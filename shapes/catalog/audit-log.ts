import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Who did what that not everybody may do, of the last two years: for operators. */
export const auditLog: ShapeDefinition = {
  name: 'audit_log',
  table: 'audit_log',
  columns: [
    column('id', 'uuid'),
    column('at', 'timestamptz'),
    column('actor_id', 'uuid', 'null'),
    column('actor_kind', 'text'),
    column('actor_role', 'text', 'null'),
    column('action', 'text'),
    column('target_kind', 'text'),
    column('target_id', 'text', 'null'),
    column('outcome', 'text'),
    column('reason', 'text', 'null'),
    column('details', 'jsonb'),
    column('address', 'text', 'null'),
    column('request_id', 'text', 'null'),
  ],
  key: ['id'],
  indexes: [['at']],
  where: null,
  values: [],
  params: {},
  readers: ['operator'],
  personal: false,
};
