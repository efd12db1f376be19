import { ROLES } from '../protocol/auth.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Settled results of the caller's own mutations, so that a rejection reaches every device of his. */
export const myMutations: ShapeDefinition = {
  name: 'my_mutations',
  table: 'ledger',
  columns: [
    column('id', 'uuid'),
    column('device_id', 'uuid'),
    column('seq', 'int8'),
    column('type', 'text'),
    column('args', 'jsonb'),
    column('status', 'text'),
    column('code', 'text', 'null'),
    column('message', 'text', 'null'),
    column('field', 'text', 'null'),
    column('txid', 'int8'),
    column('settled_at', 'timestamptz'),
  ],
  key: ['id'],
  where: 'user_id = $1',
  values: [{ caller: 'userId' }],
  params: {},
  readers: ROLES,
  personal: true,
};
