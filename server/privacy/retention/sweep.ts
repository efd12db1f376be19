import { changedRows } from '../../db/changed-rows.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { retryTransient } from '../../db/retry-transient.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { keptSince } from './policy.ts';
import type { RetentionPolicy } from './policy.ts';

/** Rows of one transaction: locks are held for a moment, and a vacuum can follow. */
const BATCH = 100;
/** Keys that one look finds. A look may read a whole table, so it is for many. */
const LOOK = 20_000;
/** Rows of one kind that a run forgets at most; the rest waits for the next night. */
const MAX_ROWS = 200_000;
/** Pause after each transaction, at least: readers of shapes, backups and autovacuum must keep up with what changes. */
const MIN_REST_MS = 250;
/** Pause for each row that a transaction changed in whatever table: a report goes with its earlier versions, and its incident is written anew. */
const REST_MS_PER_ROW = 2.5;

/** What a sweep needs. */
export interface SweepParts {
  readonly pool: Pool;
  readonly policies: readonly RetentionPolicy[];
  readonly now: Date;
  /** Waits so long, or until the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

/** What came of one kind. */
export interface SweptPolicy {
  readonly name: string;
  readonly before: string;
  readonly rows: number;
  /** Whether rows were left for the next time. */
  readonly more: boolean;
}

/**
 * Forgets what has been kept for long enough, a small transaction at a time, and rests after each for as long as it took: at most half of
 * one connection's work, and at most 400 changed rows a second that readers have to be told of. A policy that fails does not keep others from their
 * turn; the first error is thrown at the end. Ends early when `signal` aborts.
 */
export async function sweep(
  parts: SweepParts,
  onProgress: (step: string, share: number) => void,
  signal: AbortSignal,
): Promise<readonly SweptPolicy[]> {
  const swept: SweptPolicy[] = [];
  const failures: unknown[] = [];
  for (const [at, policy] of parts.policies.entries()) {
    onProgress(policy.name, at / parts.policies.length);
    const before = keptSince(policy.days, parts.now);
    if (before === undefined || signal.aborted) continue;
    try {
      swept.push(await sweepOne(parts, policy, before, signal));
    } catch (error) {
      parts.logger.error({ err: error, policy: policy.name }, 'what is kept too long could not be forgotten');
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return swept;
}

async function sweepOne(
  { pool, sleep, logger }: SweepParts,
  policy: RetentionPolicy,
  before: Date,
  signal: AbortSignal,
): Promise<SweptPolicy> {
  let rows = 0;
  let more = true;
  while (more && rows < MAX_ROWS && !signal.aborted) {
    const keys = await policy.due(pool, before, LOOK);
    for (let from = 0; from < keys.length && !signal.aborted; from += BATCH) {
      const batch = keys.slice(from, from + BATCH);
      const startedAt = performance.now();
      // Those who write meanwhile may be in its way.
      const changed = await retryTransient(
        () => inTransaction(pool, (tx) => forget(tx, policy, batch)),
        logger,
      );
      rows += batch.length;
      const tookMs = performance.now() - startedAt;
      await sleep(Math.max(MIN_REST_MS, tookMs, changed * REST_MS_PER_ROW), signal);
    }
    more = keys.length === LOOK;
  }
  return { name: policy.name, before: before.toISOString(), rows, more: more || signal.aborted };
}

/** How many rows changed by it. */
async function forget(tx: Transaction, policy: RetentionPolicy, keys: readonly string[]): Promise<number> {
  const before = await changedRows(tx);
  await policy.forget(tx, keys);
  return (await changedRows(tx)) - before;
}
