import { changedRows } from '../../db/changed-rows.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { retryTransient } from '../../db/retry-transient.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { keptSince } from './policy.ts';
import type { RetentionPolicy } from './policy.ts';

/** Rows of one transaction: locks are held for a moment, and a vacuum can follow. */
const BATCH = 100;
/** Rows of a table that one look goes through: so many keys are in memory at most. */
const LOOK = 50_000;
/** Pause after each transaction, at least: readers of shapes, backups and autovacuum must keep up with what changes. */
const MIN_REST_MS = 250;
/** Pause for each row that a transaction changed in whatever table: a report goes with its earlier versions, and its incident is written anew. */
const REST_MS_PER_ROW = 2.5;

/** What a sweep needs. */
export interface SweepParts {
  readonly pool: Pool;
  readonly policies: readonly RetentionPolicy[];
  readonly now: Date;
  /** How long it goes on at most. */
  readonly maxMs: number;
  /** A monotonic clock in milliseconds. */
  readonly monotonicMs: () => number;
  /** Waits so long, or until the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

/** What came of one kind. */
export interface SweptPolicy {
  readonly name: string;
  readonly before: string;
  readonly rows: number;
  /** Whether its table was not gone through to the end, so that rows may be left for the next time. */
  readonly more: boolean;
}

/** How far one kind is. */
interface Course {
  readonly policy: RetentionPolicy;
  readonly before: Date;
  rows: number;
  after: string | undefined;
  state: 'open' | 'done' | 'failed';
}

/**
 * Forgets what has been kept for long enough, a small transaction at a time, and rests after each for as long as it took: at most half of
 * one connection's work, and at most 400 changed rows a second that readers have to be told of. Kinds take turns, a look each, so that what is
 * much of one leaves time for the others. A policy that fails does not keep others from their turn; the first error is thrown at
 * the end. Ends when all is done or the time is over, and at once when `signal` aborts.
 */
export async function sweep(
  parts: SweepParts,
  onProgress: (step: string, share: number) => void,
  signal: AbortSignal,
): Promise<readonly SweptPolicy[]> {
  const endsAtMs = parts.monotonicMs() + parts.maxMs;
  const isOver = () => signal.aborted || parts.monotonicMs() >= endsAtMs;
  const courses = parts.policies.flatMap((policy) => begin(policy, parts.now));
  const failures: unknown[] = [];
  const isOpen = ({ state }: Course) => state === 'open';
  while (courses.some(isOpen) && !isOver())
    for (const course of courses.filter(isOpen)) {
      if (isOver()) break;
      onProgress(course.policy.name, 1 - courses.filter(isOpen).length / courses.length);
      try {
        await takeTurn(parts, course, isOver, signal);
      } catch (error) {
        parts.logger.error(
          { err: error, policy: course.policy.name },
          'what is kept too long could not be forgotten',
        );
        course.state = 'failed';
        failures.push(error);
      }
    }
  if (failures.length > 0) throw failures[0];
  return courses.map(({ policy, before, rows, state }) => ({
    name: policy.name,
    before: before.toISOString(),
    rows,
    more: state !== 'done',
  }));
}

function begin(policy: RetentionPolicy, now: Date): Course[] {
  const before = keptSince(policy.days, now);
  return before === undefined ? [] : [{ policy, before, rows: 0, after: undefined, state: 'open' }];
}

/** Looks once, and forgets what was found; where the time is over before that, the course stays open. */
async function takeTurn(
  { pool, monotonicMs, sleep, logger }: SweepParts,
  course: Course,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { policy, before } = course;
  const lookedAt = monotonicMs();
  const { keys, next } = await policy.due(pool, before, LOOK, course.after);
  await sleep(monotonicMs() - lookedAt, signal);
  for (let from = 0; from < keys.length; from += BATCH) {
    if (isOver()) return;
    const batch = keys.slice(from, from + BATCH);
    const startedAt = monotonicMs();
    // Those who write meanwhile may be in its way.
    const changed = await retryTransient(
      () => inTransaction(pool, (tx) => forget(tx, policy, batch, before)),
      logger,
    );
    course.rows += batch.length;
    await sleep(Math.max(MIN_REST_MS, monotonicMs() - startedAt, changed * REST_MS_PER_ROW), signal);
  }
  course.after = next;
  if (next === undefined) course.state = 'done';
}

/** How many rows changed by it. */
async function forget(
  tx: Transaction,
  policy: RetentionPolicy,
  keys: readonly string[],
  before: Date,
): Promise<number> {
  const counted = await changedRows(tx);
  await policy.forget(tx, keys, before);
  return (await changedRows(tx)) - counted;
}
