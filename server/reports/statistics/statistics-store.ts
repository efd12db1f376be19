import type { IncidentsSummary } from '@halo/shapes/protocol/incidents.ts';
import type { CrossSourceStats, ReportStats } from '@halo/shapes/protocol/reports.ts';
import type { Queryable } from '../../db/pool.ts';
import { IS_SHOWN } from '../incident-list/incident-row.ts';

/** Each list of values that incidents are counted by, as SQL. */
const GROUPINGS = {
  bySeverity: 'severity::text',
  byType: 'type::text',
  byStatus: 'status::text',
  byVerification: 'verification::text',
} as const;

type Grouping = keyof typeof GROUPINGS;

/** Counts what is reported, and how far incidents are to be believed. */
export async function readReportStats(db: Queryable): Promise<ReportStats> {
  const { rows } = await db.query<ReportStats>(
    `SELECT (SELECT count(*) FROM reports WHERE status = 'active')::int AS total_reports,
       count(*) FILTER (WHERE verification = 'verified')::int AS verified_incidents,
       count(*) FILTER (WHERE verification <> 'verified')::int AS unverified_incidents,
       (avg(reporter_count) FILTER (WHERE reporter_count > 0))::float8 AS avg_reporters_per_incident,
       max(reporter_count) FILTER (WHERE reporter_count > 0) AS max_reporters_single_incident
     FROM incidents WHERE ${IS_SHOWN}`,
  );
  return only(rows);
}

/** Counts incidents by who told of them. */
export async function readCrossSourceStats(db: Queryable): Promise<CrossSourceStats> {
  const { rows } = await db.query<CrossSourceStats>(
    `SELECT count(*)::int AS total_incidents,
       count(*) FILTER (WHERE official AND reporter_count = 0)::int AS official_only,
       count(*) FILTER (WHERE NOT official)::int AS user_only,
       count(*) FILTER (WHERE official AND reporter_count > 0)::int AS cross_validated,
       (100.0 * count(*) FILTER (WHERE official AND reporter_count > 0) / nullif(count(*), 0))::float8 AS validation_rate_percent
     FROM incidents WHERE ${IS_SHOWN}`,
  );
  return only(rows);
}

/** Counts incidents by what they are, and the late ones. */
export async function readSummary(db: Queryable, now: Date): Promise<IncidentsSummary> {
  const [names, expressions] = [Object.keys(GROUPINGS) as Grouping[], Object.values(GROUPINGS)];
  const { rows } = await db.query<{ grouping: Grouping | 'total'; value: string | null } & Periods>(
    `SELECT CASE ${names.map((name, at) => `WHEN GROUPING(${expressions[at] ?? ''}) = 0 THEN '${name}'`).join(' ')} ELSE 'total' END AS grouping,
       COALESCE(${expressions.join(', ')}) AS value, count(*)::int AS total,
       count(*) FILTER (WHERE ${within('24 hours')})::int AS "last24Hours",
       count(*) FILTER (WHERE ${within('7 days')})::int AS "last7Days",
       count(*) FILTER (WHERE ${within('30 days')})::int AS "last30Days"
     FROM incidents WHERE ${IS_SHOWN}
     GROUP BY GROUPING SETS (${expressions.map((one) => `(${one})`).join(', ')}, ())`,
    [now],
  );
  const countsOf = (wanted: Grouping) =>
    Object.fromEntries(
      rows.filter(({ grouping }) => grouping === wanted).map(({ value, total }) => [value ?? '', total]),
    );
  const { total, last24Hours, last7Days, last30Days } = only(
    rows.filter(({ grouping }) => grouping === 'total'),
  );
  return {
    total,
    bySeverity: countsOf('bySeverity'),
    byType: countsOf('byType'),
    byStatus: countsOf('byStatus'),
    byVerification: countsOf('byVerification'),
    last24Hours,
    last7Days,
    last30Days,
  };
}

type Periods = Pick<IncidentsSummary, 'total' | 'last24Hours' | 'last7Days' | 'last30Days'>;

/** What happened by now, and at most so long ago. */
function within(period: string): string {
  return `occurred_at > $1::timestamptz - interval '${period}' AND occurred_at <= $1::timestamptz`;
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate gives one row');
  return row;
}
