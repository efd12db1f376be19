import type { Pool, Transaction } from '../../db/pool.ts';

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
  /** Keys of at most so many of them. */
  due(pool: Pool, before: Date, limit: number): Promise<string[]>;
  /** Forgets these; those that have gone meanwhile are passed over. */
  forget(tx: Transaction, keys: readonly string[]): Promise<void>;
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
