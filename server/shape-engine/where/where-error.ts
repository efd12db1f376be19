import { HaloError } from '../../platform/errors.ts';

/**
 * A clause that cannot be evaluated exactly, refused at `position` (1 is its first character). Evaluating it
 * approximately would show someone rows that he may not see, or hide his own.
 */
export function unsupported(message: string, position: number | null): HaloError {
  return new HaloError('where_unsupported', message, {
    status: 400,
    field: 'where',
    hint: 'Use =, <>, <, <=, >, >=, IN, AND, OR, NOT and IS [NOT] NULL on columns of supported types.',
    details: position === null ? {} : { position },
  });
}
