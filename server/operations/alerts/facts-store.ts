import type { Queryable } from '../../db/pool.ts';
import { LEASE_SESSION } from '../../jobs/job.ts';
import { OUTBOX_AGES } from './facts.ts';
import type {
  ChampionFacts,
  FactPart,
  FeedFacts,
  JobFacts,
  OutboxFacts,
  RunFacts,
  SharedFacts,
  SlotFacts,
} from './facts.ts';

/** Clocks of instances differ by less than this; a poll from further ahead was made while a clock was wrong. */
const CLOCKS_DIFFER = '5 minutes';

/** Polls in vain that are counted: more say no more. */
const MAX_FAILED_COUNTED = 100;

/** A run that has not ended after this long is no reason any more for the schedule to wait; retention goes on for 18 hours (retention-job.ts). */
const HANGS_AFTER = '6 hours';
const RETENTION_HANGS_AFTER = '19 hours';

/** A run begins under its lease, and ends before that is given back. */
const LEASE_SHOWS_WITHIN = '1 minute';

/** Reads one part, or gives undefined where it could not be read; where it rejects nothing more is read. */
export type ReadPart = <T>(part: FactPart, reading: () => Promise<T>) => Promise<T | undefined>;

/**
 * Reads what alerts and metrics are made of, but for devices: a few rows each, by indexes, and nothing written.
 *
 * @param read how each part is read. Without it what cannot be read is thrown
 */
export async function readSharedFacts(
  db: Queryable,
  feeds: readonly string[],
  jobs: readonly string[],
  read: ReadPart = (_, reading) => reading(),
): Promise<Omit<SharedFacts, 'stalled'>> {
  return {
    slots: await read('slots', () => readSlots(db)),
    feeds: await read('feeds', () => Promise.all(feeds.map((feed) => readFeed(db, feed)))),
    jobs: await read('jobs', () => readJobTimes(db)),
    runs: await read('runs', () => readRuns(db, jobs)),
    champions: await read('champions', () => readChampions(db)),
    outboxes: await read('outboxes', () => readOutboxes(db)),
  };
}

async function readSlots(db: Queryable): Promise<SlotFacts[]> {
  const { rows } = await db.query<SlotFacts>(
    `SELECT slot_name::text AS name, active, wal_status AS "walStatus", safe_wal_size::float8 AS "safeBytes",
       (pg_current_wal_lsn() - restart_lsn)::float8 AS "retainedBytes",
       (SELECT CASE WHEN setting = '-1' THEN NULL ELSE setting::float8 * 1048576 END
          FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS "limitBytes"
     FROM pg_replication_slots
     WHERE database = current_database() AND slot_name ~ '^halo_[0-9a-f]{12}$' ORDER BY slot_name`,
  );
  return rows;
}

async function readFeed(db: Queryable, feed: string): Promise<FeedFacts> {
  const { rows: last } = await db.query<Pick<FeedFacts, 'lastGoodAt' | 'failedSince' | 'lastReason'>>(
    `WITH good AS (
       SELECT max(started_at) AS at FROM (
         SELECT started_at FROM feed_polls
          WHERE feed = $1 AND outcome IN ('applied', 'unchanged') AND started_at < now() + interval '${CLOCKS_DIFFER}'
          ORDER BY started_at DESC LIMIT 1) AS newest)
     SELECT good.at AS "lastGoodAt",
            (SELECT count(*)::int FROM (
              SELECT FROM feed_polls
               WHERE feed = $1 AND started_at > coalesce(good.at, '-infinity') AND started_at < now() + interval '${CLOCKS_DIFFER}'
               LIMIT ${MAX_FAILED_COUNTED}) AS failed) AS "failedSince",
            (SELECT reason FROM feed_polls
              WHERE feed = $1 AND started_at < now() + interval '${CLOCKS_DIFFER}'
              ORDER BY started_at DESC LIMIT 1) AS "lastReason"
     FROM good`,
    [feed],
  );
  const { rows: day } = await db.query<{
    outcome: string;
    polls: number;
    added: number;
    changed: number;
    withdrawn: number;
  }>(
    `SELECT outcome::text, count(*)::int AS polls, sum(items_new)::int AS added, sum(items_changed)::int AS changed,
       sum(items_withdrawn)::int AS withdrawn
     FROM feed_polls WHERE feed = $1 AND started_at > now() - interval '1 day' GROUP BY outcome`,
    [feed],
  );
  const sum = (read: (row: (typeof day)[number]) => number) => day.reduce((all, row) => all + read(row), 0);
  return {
    feed,
    lastGoodAt: last[0]?.lastGoodAt ?? null,
    failedSince: last[0]?.failedSince ?? 0,
    lastReason: last[0]?.lastReason ?? null,
    polls: Object.fromEntries(day.map(({ outcome, polls }) => [outcome, polls])),
    items: {
      new: sum(({ added }) => added),
      changed: sum(({ changed }) => changed),
      withdrawn: sum(({ withdrawn }) => withdrawn),
    },
  };
}

/**
 * A run by hand holds the lease, too: while it goes on, the schedule has nothing to begin; so does one of retention that began late, or is made up for, and
 * goes on over its next tick. One that hangs for long does not count.
 */
async function readJobTimes(db: Queryable): Promise<JobFacts[]> {
  const { rows } = await db.query<JobFacts>(
    `SELECT t.job, t.began_at AS "beganAt", t.ended_at IS NOT NULL AS "hasEnded", greatest(t.began_at, (
       SELECT CASE WHEN r.state = 'running' THEN least(now(), r.started_at +
              CASE r.job WHEN 'retention' THEN interval '${RETENTION_HANGS_AFTER}' ELSE interval '${HANGS_AFTER}' END) ELSE r.finished_at END
         FROM job_runs r WHERE r.job = t.job AND (r.trigger = 'manual' OR r.job = 'retention') ORDER BY r.started_at DESC LIMIT 1)) AS "busyUntil"
     FROM job_times t ORDER BY t.job`,
  );
  return rows;
}

/** A run that is said to be under way, and whose lease nobody holds: its process is gone, though no other has begun since. */
async function readRuns(db: Queryable, jobs: readonly string[]): Promise<RunFacts[]> {
  const { rows } = await db.query<RunFacts>(
    `SELECT run.job, run.state, run.finished_at AS "finishedAt", run.error_code AS "errorCode",
       good.finished_at AS "lastSucceededAt"
     FROM unnest($1::text[]) AS wanted (job)
     CROSS JOIN LATERAL (
       SELECT job, CASE state WHEN 'running' THEN 'abandoned' ELSE state END AS state,
         coalesce(finished_at, now()) AS finished_at, CASE state WHEN 'running' THEN 'run_abandoned' ELSE error_code END AS error_code
       FROM job_runs
       WHERE job = wanted.job AND (state <> 'running' OR (started_at < now() - interval '${LEASE_SHOWS_WITHIN}' AND NOT EXISTS (
         SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = '${LEASE_SESSION}' || job)))
       ORDER BY started_at DESC LIMIT 1) AS run
     LEFT JOIN LATERAL (
       SELECT finished_at FROM job_runs
       WHERE job = wanted.job AND state = 'succeeded' ORDER BY started_at DESC LIMIT 1) AS good ON true
     ORDER BY run.job`,
    [jobs],
  );
  return rows;
}

async function readChampions(db: Queryable): Promise<ChampionFacts> {
  const { rows } = await db.query<ChampionFacts>(
    `SELECT count(*)::int AS trained, min(m.cut_off) AS "oldestCutOff", (
       SELECT count(*)::int FROM (
         SELECT DISTINCT ON (place_kind, category) cause FROM champion_changes ORDER BY place_kind, category, id DESC
       ) AS newest WHERE cause = 'fall_back') AS "fallenBack",
       (SELECT computed_at FROM prediction_sets) AS "computedAt"
     FROM champions c JOIN models m ON m.id = c.model_id WHERE m.kind = 'trained'`,
  );
  return rows[0] ?? { trained: 0, oldestCutOff: null, fallenBack: 0, computedAt: null };
}

/** Each entry has waited on since its device told of it, whether that is heard or not. */
async function readOutboxes(db: Queryable): Promise<OutboxFacts> {
  const { rows } = await db.query<{
    age: (typeof OUTBOX_AGES)[number];
    devices: number;
    pending: number;
    rejected: number;
  }>(
    `SELECT age, count(*) FILTER (WHERE pending > 0)::int AS devices, sum(pending)::int AS pending, sum(rejected)::int AS rejected
     FROM (
       SELECT coalesce(pending, 0) AS pending, coalesce(rejected, 0) AS rejected,
         CASE WHEN waited < interval '10 minutes' THEN 'under_10_min' WHEN waited < interval '1 hour' THEN 'under_1_h'
              WHEN waited < interval '1 day' THEN 'under_1_d' ELSE 'over_1_d' END AS age
       FROM device_status CROSS JOIN LATERAL (
         SELECT make_interval(secs => coalesce(oldest_s, 0)) + (now() - reported_at) AS waited) AS by_now
       WHERE pending > 0 OR rejected > 0
     ) AS reported GROUP BY age`,
  );
  const sum = (read: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + read(row), 0);
  const devicesOf = (age: string) => rows.find((row) => row.age === age)?.devices ?? 0;
  return {
    pending: sum(({ pending }) => pending),
    rejected: sum(({ rejected }) => rejected),
    devices: Object.fromEntries(OUTBOX_AGES.map((age) => [age, devicesOf(age)])) as OutboxFacts['devices'],
  };
}
