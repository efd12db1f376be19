import { column } from './shape.ts';
import type { ShapeDefinition } from './shape.ts';

/** Runs of the jobs that keep a record, and how far the one under way is: for operators. */
export const jobRuns: ShapeDefinition = {
  name: 'job_runs',
  table: 'job_runs',
  columns: [
    column('id', 'uuid'),
    column('job', 'text'),
    column('trigger', 'text'),
    column('requested_by', 'uuid', 'null'),
    column('state', 'text'),
    column('started_at', 'timestamptz'),
    column('finished_at', 'timestamptz', 'null'),
    column('step', 'text'),
    column('progress', 'float8'),
    column('result', 'jsonb', 'null'),
    column('error_code', 'text', 'null'),
    column('error', 'text', 'null'),
  ],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ['operator'],
  personal: false,
};
