import type { Pool, Transaction } from '../../db/pool.ts';

/** What one look into a table has found. */
export interface Due {
  /** Keys of what is to be forgotten. */
  readonly keys: readonly string[];
  /** Behind which row the next look begins; undefined where the table has been gone through. */
  readonly next: string | undefined;
}

/** One kind of what is kept for so long and no longer. */
export interface RetentionPolicy {
  /** Stable, as run records name it. */
  readonly name: string;
  /** What becomes of it, for a person. */
  readonly says: string;
  /** Undefined: it is kept for ever. */
  readonly days: number | undefined;
  /** How many rows are older than `before` and still there. */
  count(pool: Pool, before: Date): Promise<number>;
  /** Looks for them among the next rows of the table, at most so many and behind `after`; undefined there: from the first. */
  due(pool: Pool, before: Date, limit: number, after: string | undefined): Promise<Due>;
  /** Forgets these; those that have gone meanwhile, or are not so old any more, are passed over. */
  forget(tx: Transaction, keys: readonly string[], before: Date): Promise<void>;
}

const DAY_MS = 86_400_000;

/** What is older than this has been kept for long enough; undefined where it is kept for ever. */
export function keptSince(days: number | undefined, now: Date): Date | undefined {
  return days === undefined ? undefined : new Date(now.getTime() - days * DAY_MS);
}

/** The shorter of two periods. */
export function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
