import { HaloError } from '../platform/errors.ts';
import type { Queryable } from './pool.ts';

/** SQLSTATEs, and codes of Node's sockets, that mean that Postgres cannot be asked at present. */
const AWAY = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/;
/** The pool's own words for the same. */
const UNANSWERED = new Set(['database_busy', 'database_silent', 'database_unavailable']);

/** Whether an error says by its code that Postgres cannot be asked at present. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof HaloError) return UNANSWERED.has(error.code);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && AWAY.test(error.code);
}

/**
 * Whether a statement failed because Postgres was away. An error without a code says nothing (a connection that broke in the
 * middle of one has none): then Postgres is asked whether it is there.
 */
export async function failedForWantOf(db: Queryable, error: unknown): Promise<boolean> {
  if (isDatabaseAway(error)) return true;
  return db.query('SELECT 1').then(
    () => false,
    () => true,
  );
}
