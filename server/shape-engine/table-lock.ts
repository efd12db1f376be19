import { HaloError } from '../platform/errors.ts';
import { quotedTable } from './resolve-shape.ts';
import type { TableSchema } from './table-schema.ts';

/** Who holds a table for himself is waited for so long: the snapshots of other tables must have their turn, too. */
const LOCK_TIMEOUT_MS = 5_000;
/** Postgres: the lock was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * SQL that keeps tables from being truncated or altered for the rest of the transaction. It comes before the
 * transaction's snapshot: what is altered between the two would be seen in part.
 */
export function lockSql(tables: readonly Pick<TableSchema, 'schema' | 'table'>[]): string {
  const names = tables.map(quotedTable).join(', ');
  return `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; LOCK TABLE ${names} IN ACCESS SHARE MODE`;
}

/** What a query's error says of such a lock: `table_locked` (503), or undefined when it is another error. */
export function lockFailure(error: unknown): HaloError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE)) return undefined;
  return new HaloError('table_locked', 'The table is locked by somebody who alters it.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 5 },
    cause: error,
  });
}
