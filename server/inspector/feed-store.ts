import type { FeedList } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';

/** Polls that are shown of a feed. */
const POLLS = 20;
/** A feed is overdue after so many of its usual gaps, and not before so many milliseconds. */
const OVERDUE_GAPS = 3;
const OVERDUE_LEAST_MS = 900_000;

type Feed = FeedList['feeds'][number];

interface FeedRow {
  readonly feed: string;
  readonly good_at: Date | null;
  readonly good_age: number | null;
  readonly items: number;
  readonly withdrawn: number;
  readonly polls: number;
  readonly anomalous: number;
  readonly failed: number;
  readonly items_new: number;
  readonly items_changed: number;
  readonly items_withdrawn: number;
}

interface PollRow {
  readonly feed: string;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly age: number;
  readonly outcome: Feed['polls'][number]['outcome'];
  readonly reason: string | null;
  readonly http_status: number | null;
  readonly items: number;
  readonly items_new: number;
  readonly items_changed: number;
  readonly items_withdrawn: number;
}

/** Every feed that was ever polled. */
export async function listFeeds(db: Queryable): Promise<Feed[]> {
  const { rows: feeds } = await db.query<FeedRow>(
    `SELECT p.feed, p.good_at, (extract(epoch FROM now() - p.good_at) * 1000)::float8 AS good_age,
            coalesce(i.items, 0) AS items, coalesce(i.withdrawn, 0) AS withdrawn,
            p.polls, p.anomalous, p.failed, p.items_new, p.items_changed, p.items_withdrawn
       FROM (SELECT feed, max(finished_at) FILTER (WHERE outcome IN ('applied', 'unchanged')) AS good_at,
                    count(*) FILTER (WHERE recent)::int AS polls,
                    count(*) FILTER (WHERE recent AND outcome = 'anomalous')::int AS anomalous,
                    count(*) FILTER (WHERE recent AND outcome = 'failed')::int AS failed,
                    coalesce(sum(items_new) FILTER (WHERE recent), 0)::int AS items_new,
                    coalesce(sum(items_changed) FILTER (WHERE recent), 0)::int AS items_changed,
                    coalesce(sum(items_withdrawn) FILTER (WHERE recent), 0)::int AS items_withdrawn
               FROM (SELECT feed, finished_at, outcome, items_new, items_changed, items_withdrawn,
                            started_at > now() - interval '1 day' AS recent FROM feed_polls) each_poll
              GROUP BY feed) p
       LEFT JOIN (SELECT feed, count(*)::int AS items, count(withdrawn_at)::int AS withdrawn
                    FROM feed_items GROUP BY feed) i ON i.feed = p.feed
      ORDER BY p.feed`,
  );
  const { rows: polls } = await db.query<PollRow>(
    `SELECT f.feed, p.started_at, p.finished_at, p.age, p.outcome, p.reason, p.http_status, p.items, p.items_new,
            p.items_changed, p.items_withdrawn FROM unnest($1::text[]) AS f (feed) CROSS JOIN LATERAL (
       SELECT started_at, finished_at, (extract(epoch FROM now() - finished_at) * 1000)::float8 AS age, outcome::text AS outcome,
              reason, http_status, items, items_new, items_changed, items_withdrawn
         FROM feed_polls WHERE feed = f.feed ORDER BY started_at DESC LIMIT ${POLLS}) p`,
    [feeds.map(({ feed }) => feed)],
  );
  return feeds.map((feed) =>
    feedOf(
      feed,
      polls.filter((poll) => poll.feed === feed.feed),
    ),
  );
}

function feedOf(row: FeedRow, polls: readonly PollRow[]): Feed {
  return {
    feed: row.feed,
    state: stateOf(polls),
    lastGoodAt: row.good_at?.toISOString() ?? null,
    lastGoodSecondsAgo: row.good_age === null ? null : Math.max(0, row.good_age / 1000),
    items: row.items,
    withdrawn: row.withdrawn,
    day: {
      polls: row.polls,
      anomalous: row.anomalous,
      failed: row.failed,
      itemsNew: row.items_new,
      itemsChanged: row.items_changed,
      itemsWithdrawn: row.items_withdrawn,
    },
    polls: polls.map((poll) => ({
      startedAt: poll.started_at.toISOString(),
      finishedAt: poll.finished_at.toISOString(),
      outcome: poll.outcome,
      reason: poll.reason,
      httpStatus: poll.http_status,
      items: poll.items,
      itemsNew: poll.items_new,
      itemsChanged: poll.items_changed,
      itemsWithdrawn: poll.items_withdrawn,
    })),
  };
}

/** A feed that is polled no more must not look like one whose last poll was well. */
function stateOf(polls: readonly PollRow[]): Feed['state'] {
  const newest = polls[0];
  if (newest === undefined) return 'overdue';
  const gaps = polls.slice(1).map((poll, i) => polls[i]!.started_at.getTime() - poll.started_at.getTime());
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  if (newest.age > Math.max(OVERDUE_LEAST_MS, usual * OVERDUE_GAPS)) return 'overdue';
  return newest.outcome === 'applied' || newest.outcome === 'unchanged' ? 'well' : 'failing';
}
