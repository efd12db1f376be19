import { takeAdvisoryLocks } from '../../db/advisory-locks.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import type { ReportAnonymiser } from '../../reports/report.ts';
import type { KeptDays } from '../../config/config.ts';
import { shorter } from './policy.ts';
import type { RetentionPolicy } from './policy.ts';

/** Polls say when a feed was well; what happened to it is told by them for so long. */
const POLL_DAYS = 90;
/** Two years, whatever leap day is in them; the table lets no younger entries go. */
const AUDIT_DAYS = 731;

const FORGET_PAYLOADS = `UPDATE ledger SET args = 'null' WHERE id = ANY ($1::uuid[])`;
/** Of what a report said before; what replaced it may have nothing left to forget itself. */
const HAS_OLD_VERSIONS =
  'EXISTS (SELECT FROM report_versions v WHERE v.report_id = r.id AND v.replaced_at < $1)';

/** All that Halo keeps for a time, and forgets by itself. Each is a statement that finds the rows, and one that forgets some. */
export function retentionPolicies(days: KeptDays, reports: ReportAnonymiser): readonly RetentionPolicy[] {
  return [...ofReports(days, reports), ...ofMutations(days), ...ofFeeds(days), ofAudit()];
}

/** What people said. */
function ofReports(days: KeptDays, reports: ReportAnonymiser): RetentionPolicy[] {
  return [
    {
      name: 'positions',
      says: 'reports of people are put at the public point of their cell, and lose their earlier versions',
      days: days.positions,
      ...found(
        `FROM reports r WHERE source = 'user' AND location_precision = 'point' AND received_at < $1 AND (${HAS_OLD_VERSIONS} OR NOT EXISTS
           (SELECT FROM coarsened_reports c WHERE c.report_id = r.id AND (c.lat, c.lon) = (r.lat, r.lon)))`,
        'r.id',
      ),
      forget: (tx, ids) => eachReport(tx, reports, ids, { place: true, words: false }),
    },
    {
      name: 'texts',
      says: 'reports of people lose their words and earlier versions',
      days: days.texts,
      ...found(
        `FROM reports r WHERE source = 'user' AND received_at < $1 AND (description <> '' OR ${HAS_OLD_VERSIONS})`,
        'r.id',
      ),
      forget: (tx, ids) => eachReport(tx, reports, ids, { place: false, words: true }),
    },
    {
      name: 'comments',
      says: 'comments are deleted, with their votes',
      days: days.texts,
      ...found('FROM comments c WHERE created_at < $1', 'c.id'),
      forget: (tx, ids) => run(tx, 'DELETE FROM comments WHERE id = ANY ($1::uuid[])', ids),
    },
  ];
}

/** What mutations asked for. */
function ofMutations(days: KeptDays): RetentionPolicy[] {
  return [
    {
      name: 'payloads',
      says: 'settled mutations lose what they asked for; their ids and answers stay, so that a resend still has one effect',
      // What they asked for has places and words.
      days: shorter(days.payloads, shorter(days.positions, days.texts)),
      ...found(
        `FROM ledger l WHERE settled_at < $1 AND status = 'applied' AND args <> 'null'::jsonb`,
        'l.id',
      ),
      forget: (tx, ids) => run(tx, FORGET_PAYLOADS, ids),
    },
    {
      name: 'rejections',
      says: 'rejected mutations lose what they asked for, which their author can mend until then',
      days: shorter(days.positions, days.texts),
      ...found(
        `FROM ledger l WHERE settled_at < $1 AND status = 'rejected' AND args <> 'null'::jsonb`,
        'l.id',
      ),
      forget: (tx, ids) => run(tx, FORGET_PAYLOADS, ids),
    },
  ];
}

/** What official feeds said. */
function ofFeeds(days: KeptDays): RetentionPolicy[] {
  return [
    {
      name: 'feed_versions',
      says: 'items of feeds lose their earlier versions; the newest stays',
      days: days.feeds,
      ...found(
        'FROM feed_item_versions v JOIN feed_items i ON i.id = v.feed_item_id WHERE v.seen_at < $1 AND v.version < i.version',
        `v.feed_item_id || ' ' || v.version`,
      ),
      forget: (tx, keys) =>
        run(
          tx,
          `DELETE FROM feed_item_versions WHERE feed_item_id || ' ' || version = ANY ($1::text[])
                   AND feed_item_id = ANY (SELECT split_part(key, ' ', 1)::uuid FROM unnest($1::text[]) AS key)`,
          keys,
        ),
    },
    {
      name: 'feed_polls',
      says: 'polls of feeds are deleted; the newest of each feed stays',
      days: shorter(POLL_DAYS, days.feeds),
      ...found(
        `FROM feed_polls p WHERE started_at < $1 AND EXISTS
           (SELECT FROM feed_polls later WHERE later.feed = p.feed AND later.started_at > p.started_at)`,
        'p.id',
      ),
      forget: (tx, ids) => run(tx, 'DELETE FROM feed_polls WHERE id = ANY ($1::uuid[])', ids),
    },
  ];
}

/** Who did what that not everybody may. */
function ofAudit(): RetentionPolicy {
  return {
    name: 'audit_log',
    says: 'entries of the audit log are deleted',
    days: AUDIT_DAYS,
    // Postgres's own clock is what the table judges by.
    ...found(`FROM audit_log a WHERE at < $1 AND at < now() - interval '2 years'`, 'a.id'),
    forget: (tx, ids) => run(tx, 'DELETE FROM audit_log WHERE id = ANY ($1::uuid[])', ids),
  };
}

/** Counts and finds the rows of a FROM clause in which $1 is the time. */
function found(from: string, key: string): Pick<RetentionPolicy, 'count' | 'due'> {
  return {
    async count(pool: Pool, before: Date) {
      const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::float8 AS n ${from}`, [before]);
      return rows[0]!.n;
    },
    async due(pool: Pool, before: Date, limit: number) {
      const { rows } = await pool.query<{ key: string }>(
        `SELECT ${key} AS key ${from} ORDER BY key LIMIT $2`,
        [before, limit],
      );
      return rows.map((row) => row.key);
    },
  };
}

async function run(tx: Transaction, sql: string, keys: readonly string[]): Promise<void> {
  await tx.query(sql, [keys]);
}

async function eachReport(
  tx: Transaction,
  reports: ReportAnonymiser,
  ids: readonly string[],
  what: { readonly place: boolean; readonly words: boolean },
): Promise<void> {
  await takeAdvisoryLocks(tx, await reports.locks(tx, ids));
  for (const id of ids) await reports.forgetDetails(tx, id, what);
  if (!what.place) return;
  await tx.query(
    `INSERT INTO coarsened_reports (report_id, lat, lon) SELECT id, lat, lon FROM reports WHERE id = ANY ($1::uuid[])
     ON CONFLICT (report_id) DO UPDATE SET lat = excluded.lat, lon = excluded.lon`,
    [ids],
  );
}
