import { HaloError } from '../platform/errors.ts';
import { quotedTable } from './resolve-shape.ts';
import type { TableSchema } from './table-schema.ts';

/** Who holds a table for himself is waited for so long: the snapshots of other tables must have their turn, too. */
const LOCK_TIMEOUT_MS = 5_000;
/** Postgres: the lock was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Postgres: the statement ran out of its time, or somebody had it ended. */
const QUERY_CANCELED = '57014';

/**
 * SQL that keeps tables from being truncated or altered for the rest of the transaction. It comes before the
 * transaction's snapshot: what is altered between the two would be seen in part.
 */
export function lockSql(tables: readonly Pick<TableSchema, 'schema' | 'table'>[]): string {
  const names = tables.map(quotedTable).join(', ');
  return `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; LOCK TABLE ${names} IN ACCESS SHARE MODE`;
}

/**
 * What a query's error says of its waits: `table_locked` (503) of such a lock, and `query_too_slow` (503) where Postgres
 * broke it off, as it does when its time is up. Undefined when it is another error.
 */
export function waitFailure(error: unknown): HaloError | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const hint = 'Try again after the time that Retry-After names.';
  if (code === LOCK_NOT_AVAILABLE) {
    return new HaloError('table_locked', 'The table is locked by somebody who alters it.', {
      status: 503,
      hint,
      details: { retryAfterS: 5 },
      cause: error,
    });
  }
  if (code !== QUERY_CANCELED) return undefined;
  return new HaloError('query_too_slow', 'Postgres has not read the rows in the time that it is given.', {
    status: 503,
    hint,
    details: { retryAfterS: 60 },
    cause: error,
  });
}
