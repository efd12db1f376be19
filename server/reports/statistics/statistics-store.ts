import type { IncidentsSummary } from '@halo/shapes/protocol/incidents.ts';
import type { CrossSourceStats, ReportStats } from '@halo/shapes/protocol/reports.ts';
import type { Queryable } from '../../db/pool.ts';
import { IS_SHOWN } from '../incident-list/incident-row.ts';

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

/** Incidents that are alike in all that they are counted by. */
interface Kind extends Periods {
  readonly severity: number;
  readonly type: string;
  readonly status: string;
  readonly verification: string;
}

type Periods = Pick<IncidentsSummary, 'total' | 'last24Hours' | 'last7Days' | 'last30Days'>;

/** Counts incidents by what they are, and the late ones. There are few kinds, so they are added up here. */
export async function readSummary(db: Queryable, now: Date): Promise<IncidentsSummary> {
  const { rows } = await db.query<Kind>(
    `SELECT severity, type, status, verification, count(*)::int AS total,
       count(*) FILTER (WHERE ${within('24 hours')})::int AS "last24Hours",
       count(*) FILTER (WHERE ${within('7 days')})::int AS "last7Days",
       count(*) FILTER (WHERE ${within('30 days')})::int AS "last30Days"
     FROM incidents WHERE ${IS_SHOWN} GROUP BY severity, type, status, verification`,
    [now],
  );
  const sum = (period: keyof Periods) => rows.reduce((total, row) => total + row[period], 0);
  return {
    total: sum('total'),
    bySeverity: countsBy(rows, ({ severity }) => String(severity)),
    byType: countsBy(rows, ({ type }) => type),
    byStatus: countsBy(rows, ({ status }) => status),
    byVerification: countsBy(rows, ({ verification }) => verification),
    last24Hours: sum('last24Hours'),
    last7Days: sum('last7Days'),
    last30Days: sum('last30Days'),
  };
}

function countsBy(kinds: readonly Kind[], nameOf: (kind: Kind) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[nameOf(kind)] = (counts[nameOf(kind)] ?? 0) + kind.total;
  return counts;
}

/** What happened by now, and at most so long ago. */
function within(period: string): string {
  return `occurred_at > $1::timestamptz - interval '${period}' AND occurred_at <= $1::timestamptz`;
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate gives one row');
  return row;
}
