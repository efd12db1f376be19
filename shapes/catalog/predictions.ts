import { z } from 'zod';
import { ROLES } from '../protocol/auth.ts';
import { RISK_CATEGORIES } from '../taxonomy/risk-categories.ts';
import { incidents } from './incidents.ts';
import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** What is expected at the places of one county in the next windows, all types that are forecast together. */
export const predictions: ShapeDefinition = {
  name: 'predictions',
  table: 'predictions',
  columns: [
    column('category', 'text'),
    column('place', 'text'),
    column('window_start', 'timestamptz'),
    column('window_end', 'timestamptz'),
    column('place_kind', 'text'),
    column('region', 'text', 'null'),
    column('lat', 'float8'),
    column('lon', 'float8'),
    column('expected', 'float8'),
    column('lower', 'float8'),
    column('upper', 'float8'),
    column('rank', 'int4'),
    column('band', 'int2'),
    column('reasons', 'jsonb'),
    column('model_id', 'uuid'),
    column('cut_off', 'timestamptz'),
    column('computed_at', 'timestamptz'),
    column('valid_until', 'timestamptz'),
  ],
  key: ['category', 'place', 'window_start'],
  indexes: [['window_start', 'rank']],
  where: `region = $1 AND category = 'all'`,
  values: [{ param: 'region' }],
  params: incidents.params,
  readers: ROLES,
  personal: false,
};

/** The same of one category of types. */
export const predictionsByType: ShapeDefinition = {
  ...predictions,
  name: 'predictions_by_type',
  where: 'region = $1 AND category = $2',
  values: [{ param: 'region' }, { param: 'category' }],
  params: { ...incidents.params, category: z.enum(RISK_CATEGORIES) },
};
