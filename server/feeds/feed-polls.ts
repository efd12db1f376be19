import type { Queryable } from '../db/pool.ts';
import type { FeedPollOutcome } from './feed.ts';

/** How many items a window added, changed and withdrew. */
export interface WindowCounts {
  readonly items: number;
  readonly added: number;
  readonly changed: number;
  readonly withdrawn: number;
}

/** Nothing came of it. */
export const NO_ITEMS: WindowCounts = { items: 0, added: 0, changed: 0, withdrawn: 0 };

/** What a source said that lets the next request be conditional. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The record of one poll. */
export interface FeedPoll {
  readonly id: string;
  readonly feed: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly outcome: FeedPollOutcome;
  /** A stable code when the outcome is `anomalous` or `failed`, else null. */
  readonly reason: string | null;
  readonly httpStatus: number | null;
  readonly validators: Validators;
  readonly counts: WindowCounts;
}

/** Writes the record of a poll. */
export async function insertPoll(db: Queryable, poll: FeedPoll): Promise<void> {
  await db.query(
    `INSERT INTO feed_polls (id, feed, started_at, finished_at, outcome, reason, http_status, etag,
       last_modified, items, items_new, items_changed, items_withdrawn)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      poll.id,
      poll.feed,
      poll.startedAt,
      poll.finishedAt,
      poll.outcome,
      poll.reason,
      poll.httpStatus,
      poll.validators.etag,
      poll.validators.lastModified,
      poll.counts.items,
      poll.counts.added,
      poll.counts.changed,
      poll.counts.withdrawn,
    ],
  );
}

/** Clocks of instances differ by less than this; a poll from further ahead was made while a clock was wrong. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** The latest time that a record can truly bear at `now`. */
export function latestBelievable(now: Date): Date {
  return new Date(now.getTime() + CLOCKS_DIFFER_MS);
}

/**
 * Validators of the last poll that went well: those of an anomalous answer must never be sent, nor those of one
 * that only a wrong clock makes the last.
 */
export async function readValidators(db: Queryable, feed: string, now: Date): Promise<Validators> {
  const { rows } = await db.query<{ etag: string | null; last_modified: string | null }>(
    `SELECT etag, last_modified FROM feed_polls WHERE feed = $1 AND outcome IN ('applied', 'unchanged') AND started_at <= $2
     ORDER BY started_at DESC LIMIT 1`,
    [feed, latestBelievable(now)],
  );
  return { etag: rows[0]?.etag ?? null, lastModified: rows[0]?.last_modified ?? null };
}

/** When the newest poll began, however it ended; undefined before the first. */
export async function readLastPollAt(db: Queryable, feed: string): Promise<Date | undefined> {
  const { rows } = await db.query<{ started_at: Date }>(
    'SELECT started_at FROM feed_polls WHERE feed = $1 ORDER BY started_at DESC LIMIT 1',
    [feed],
  );
  return rows[0]?.started_at;
}
