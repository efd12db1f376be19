import { takeAdvisoryLocks } from '../../db/advisory-locks.ts';
import type { Transaction } from '../../db/pool.ts';
import type { ReportAnonymiser } from '../../reports/report.ts';
import type { KeptDays } from '../../config/config.ts';
import { findDue } from './find-due.ts';
import { shorter } from './policy.ts';
import type { RetentionPolicy } from './policy.ts';
import { sessionPolicies } from './session-policies.ts';

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
  return [
    ...ofReports(days, reports),
    ofOfficers(days),
    ...ofMutations(days),
    ...ofFeeds(days),
    ...sessionPolicies(),
    ofAudit(),
  ];
}

/** What people said. */
function ofReports(days: KeptDays, reports: ReportAnonymiser): RetentionPolicy[] {
  return [
    {
      name: 'positions',
      says: 'reports of people are put at the public point of their cell, and lose their earlier versions',
      days: days.positions,
      ...findDue({
        table: 'reports',
        alias: 'r',
        where: `source = 'user' AND location_precision = 'point' AND received_at < $1 AND (${HAS_OLD_VERSIONS} OR NOT EXISTS
           (SELECT FROM coarsened_reports c WHERE c.report_id = r.id AND (c.lat, c.lon) = (r.lat, r.lon)))`,
      }),
      forget: (tx, ids) => eachReport(tx, reports, ids, { place: true, words: false }),
    },
    {
      name: 'texts',
      says: 'reports of people lose their words and earlier versions',
      days: days.texts,
      ...findDue({
        table: 'reports',
        alias: 'r',
        where: `source = 'user' AND received_at < $1 AND (description <> '' OR ${HAS_OLD_VERSIONS})`,
      }),
      forget: (tx, ids) => eachReport(tx, reports, ids, { place: false, words: true }),
    },
    {
      name: 'comments',
      says: 'comments are deleted, with their votes',
      days: days.texts,
      ...findDue({ table: 'comments', alias: 'c', where: 'created_at < $1' }),
      forget: (tx, ids) => run(tx, 'DELETE FROM comments WHERE id = ANY ($1::uuid[])', ids),
    },
  ];
}

/** What officers wrote to what they decided; the decision itself stays. */
function ofOfficers(days: KeptDays): RetentionPolicy {
  return {
    name: 'notes',
    says: 'decisions of officers lose the notes to them',
    days: days.texts,
    ...findDue({ table: 'incident_transitions', alias: 't', where: `made_at < $1 AND note <> ''` }),
    forget: (tx, ids) =>
      run(tx, `UPDATE incident_transitions SET note = '' WHERE id = ANY ($1::uuid[])`, ids),
  };
}

const askedFor = (status: 'applied' | 'rejected') =>
  `settled_at < $1 AND status = '${status}' AND args <> 'null'::jsonb`;

/** What mutations asked for. */
function ofMutations(days: KeptDays): RetentionPolicy[] {
  return [
    {
      name: 'payloads',
      says: 'settled mutations lose what they asked for; their ids and answers stay, so that a resend still has one effect',
      // What they asked for has places and words.
      days: shorter(days.payloads, shorter(days.positions, days.texts)),
      ...findDue({ table: 'ledger', alias: 'l', where: askedFor('applied') }),
      forget: (tx, ids) => run(tx, FORGET_PAYLOADS, ids),
    },
    {
      name: 'rejections',
      says: 'rejected mutations lose what they asked for, which their author can mend until then',
      days: shorter(days.positions, days.texts),
      ...findDue({ table: 'ledger', alias: 'l', where: askedFor('rejected') }),
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
      ...findDue({
        table: 'feed_items',
        alias: 'i',
        joins: 'JOIN feed_item_versions v ON v.feed_item_id = i.id',
        where: 'v.seen_at < $1 AND v.version < i.version',
        key: `v.feed_item_id || ' ' || v.version`,
      }),
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
      ...findDue({
        table: 'feed_polls',
        alias: 'p',
        where: `started_at < $1 AND EXISTS (SELECT FROM feed_polls later WHERE later.feed = p.feed AND later.started_at > p.started_at)`,
      }),
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
    ...findDue({ table: 'audit_log', alias: 'a', where: `at < $1 AND at < now() - interval '2 years'` }),
    forget: (tx, ids) => run(tx, 'DELETE FROM audit_log WHERE id = ANY ($1::uuid[])', ids),
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
