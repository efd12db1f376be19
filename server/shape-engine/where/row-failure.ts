import { HaloError } from '../../platform/errors.ts';

/** What Postgres may fail with while it evaluates a condition on a row, by SQLSTATE; see its Appendix A. */
const CONDITIONS: Readonly<Record<string, string>> = {
  '22000': 'data_exception',
  '22003': 'numeric_value_out_of_range',
  '22008': 'datetime_field_overflow',
  '22012': 'division_by_zero',
  '22015': 'interval_field_overflow',
  '22023': 'invalid_parameter_value',
  '22025': 'invalid_escape_sequence',
  '2201F': 'invalid_argument_for_power_function',
  '2202E': 'array_subscript_error',
  '54000': 'program_limit_exceeded',
  '0A000': 'feature_not_supported',
};

/**
 * What to say when Postgres failed on a row of a query with a condition: the asker's fault, since it is his
 * condition that has no answer on that row. Undefined for other failures. The text is made from the SQLSTATE
 * alone: Postgres's own may hold values of a row that the asker may not see.
 */
export function rowFailure(error: unknown): HaloError | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const name = typeof code === 'string' && Object.hasOwn(CONDITIONS, code) ? CONDITIONS[code] : undefined;
  if (name === undefined) return undefined;
  const message = `Postgres cannot evaluate the condition on a row: ${name} (${String(code)})`;
  return new HaloError('where_failed', message, {
    status: 400,
    field: 'where',
    hint: 'A condition needs an answer on every row of the table; `sqlState` names how Postgres fails.',
    details: { sqlState: code },
    cause: error,
  });
}
