import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Models and what their tests came to, without their artefacts: for operators. */
export const models: ShapeDefinition = {
  name: 'models',
  table: 'models',
  columns: [
    column('id', 'uuid'),
    column('place_kind', 'text'),
    column('category', 'text'),
    column('kind', 'text'),
    column('features_version', 'int4', 'null'),
    column('sha256', 'text', 'null'),
    column('cut_off', 'timestamptz'),
    column('samples', 'jsonb'),
    column('metrics', 'jsonb', 'null'),
    column('decision', 'text'),
    column('reason', 'text'),
    column('run_id', 'uuid', 'null'),
    column('trained_at', 'timestamptz'),
    column('duration_ms', 'int4'),
    column('unusable_at', 'timestamptz', 'null'),
    column('unusable_code', 'text', 'null'),
    column('unusable_reason', 'text', 'null'),
  ],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ['operator'],
  personal: false,
};
