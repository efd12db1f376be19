import type { Transaction } from '../db/pool.ts';
import type { IncidentSummary } from './incident-summary.ts';

/** An incident whose row is locked. */
export interface LockedIncident {
  readonly isMerged: boolean;
  /** What comes to it may move reports of others; see `groupReports`. */
  readonly contested: boolean;
}

/** Locks incidents in the order of their ids. */
export async function lockIncidents(
  tx: Transaction,
  incidentIds: readonly string[],
): Promise<Map<string, LockedIncident>> {
  const { rows } = await tx.query<{ id: string; status: string; contested: boolean }>({
    name: 'incidents_lock',
    text: `SELECT id, status, contested FROM incidents WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
    values: [incidentIds],
  });
  return new Map(rows.map(({ id, status, contested }) => [id, { isMerged: status === 'merged', contested }]));
}

/** An incident as it is to be written. */
export interface WrittenIncident {
  readonly id: string;
  readonly summary: IncidentSummary;
  readonly contested: boolean;
}

/** Makes incidents: open ones, unless all that is told of them is past. */
export async function insertIncidents(tx: Transaction, incidents: readonly WrittenIncident[]): Promise<void> {
  await tx.query({
    name: 'incidents_insert',
    text: `INSERT INTO incidents (id, ${SUMMARY_COLUMNS}, status)
           SELECT id, ${SUMMARY_COLUMNS}, CASE WHEN past THEN 'closed' ELSE 'open' END::incident_status
           FROM ${GIVEN_SUMMARIES}`,
    values: [recordsOf(incidents)],
  });
}

/**
 * Brings incidents to what their reports say and officers have decided, and opens them unless these closed them; a row
 * that says so already is left alone. Their comments carry their regions.
 */
export async function updateIncidents(tx: Transaction, incidents: readonly WrittenIncident[]): Promise<void> {
  const now = SUMMARY_NAMES.map((name) => `incidents.${name}`).join(', ');
  const then = SUMMARY_NAMES.map((name) => DECIDED[name] ?? `given.${name}`).join(', ');
  await tx.query({
    name: 'incidents_update',
    text: `WITH given AS MATERIALIZED (SELECT id, ${SUMMARY_COLUMNS} FROM ${GIVEN_SUMMARIES}),
         changed AS (
           UPDATE incidents SET (${SUMMARY_COLUMNS}, status, updated_at) = ROW (${then}, ${DECIDED_STATUS}, now())
           FROM given
           WHERE incidents.id = given.id AND (${now}, incidents.status) IS DISTINCT FROM (${then}, ${DECIDED_STATUS})
           RETURNING incidents.id, incidents.region
         )
         UPDATE comments SET region = changed.region FROM changed
         WHERE incident_id = changed.id AND comments.region IS DISTINCT FROM changed.region`,
    values: [recordsOf(incidents)],
  });
}

/**
 * Hands on what was decided about incidents that merge, before their rows say so: of several verdicts of officers the
 * newest holds, one of them that was closed closes the whole, and what an official event was matched with stays matched.
 */
export async function inheritDecisions(
  tx: Transaction,
  merged: readonly { readonly id: string; readonly into: string }[],
): Promise<void> {
  await tx.query(
    `WITH given AS (
       SELECT into_id, bool_or(matched) AS matched, max(ended_at) AS ended_at, max(reopened_at) AS reopened_at, max(verdict_at) AS verdict_at,
              (array_agg(verdict ORDER BY verdict_at DESC NULLS LAST, id))[1] AS verdict
       FROM unnest($1::uuid[], $2::uuid[]) AS merged (merged_id, into_id) JOIN incidents ON id = merged_id
       GROUP BY into_id
     )
     UPDATE incidents SET ended_at = GREATEST(incidents.ended_at, given.ended_at),
       reopened_at = GREATEST(incidents.reopened_at, given.reopened_at), matched = incidents.matched OR given.matched,
       (verdict, verdict_at) = (
         SELECT newest.verdict, newest.verdict_at FROM (VALUES (incidents.verdict, incidents.verdict_at), (given.verdict, given.verdict_at))
           AS newest (verdict, verdict_at)
         ORDER BY newest.verdict_at DESC NULLS LAST LIMIT 1)
     FROM given WHERE id = into_id AND (given.matched OR given.ended_at IS NOT NULL OR given.verdict IS NOT NULL OR given.reopened_at IS NOT NULL)`,
    [merged.map(({ id }) => id), merged.map(({ into }) => into)],
  );
}

/**
 * Ends incidents whose reports all went to others, which their rows name from now on; their comments go, too, and so do reports
 * that were withdrawn, which may come back.
 */
export async function markMerged(
  tx: Transaction,
  merged: readonly { readonly id: string; readonly into: string }[],
): Promise<void> {
  await tx.query({
    name: 'incidents_merge',
    text: `WITH merged AS MATERIALIZED (
             SELECT merged_id, into_id, region
             FROM unnest($1::uuid[], $2::uuid[]) AS merged (merged_id, into_id) JOIN incidents ON id = into_id
           ), moved AS (
             UPDATE comments SET incident_id = into_id, region = merged.region FROM merged
             WHERE incident_id = merged_id
           ), withdrawn AS (
             UPDATE reports SET incident_id = into_id, updated_at = now() FROM merged
             WHERE incident_id = merged_id AND reports.status = 'withdrawn'
           )
           UPDATE incidents SET status = 'merged', merged_into = into_id, ${NO_REPORTS}, verification = 'unverified'
           FROM merged WHERE id = merged_id`,
    values: [merged.map(({ id }) => id), merged.map(({ into }) => into)],
  });
}

/** Closes incidents that no active report is left of. A revised report may open them again. */
export async function markEmptied(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE incidents SET status = 'closed', ${NO_REPORTS}, verification = 'dismissed'
     WHERE id = ANY($1::uuid[]) AND (status, report_count) <> ('closed', 0)`,
    [ids],
  );
}

/** What a summary's columns become where an official event of the area is this incident, and below what officers decided. */
const DECIDED: Readonly<Record<string, string>> = {
  official: 'given.official OR incidents.matched',
  confidence:
    'CASE WHEN incidents.matched AND NOT given.official THEN 1 - 1.0 / (given.reporter_count + 2) ELSE given.confidence END',
  past: 'given.past AND incidents.reopened_at IS NULL',
  verification: `COALESCE(incidents.verdict, CASE WHEN incidents.matched THEN 'verified' ELSE given.verification END)`,
};

/** What becomes of an incident with reports: open, unless an officer closed it or dismissed it, or it is past. */
const DECIDED_STATUS = `CASE WHEN ended_at IS NOT NULL OR verdict IS NOT DISTINCT FROM 'dismissed' OR (given.past AND reopened_at IS NULL)
             THEN 'closed' ELSE 'open' END::incident_status`;

const NO_REPORTS = `report_count = 0, reporter_count = 0, confidence = 0, official = false, contested = false, matched = false,
             updated_at = now()`;

/** The columns of a summary, with their types. */
const SUMMARY_TYPES = {
  type: 'incident_type',
  severity: 'smallint',
  verification: 'verification',
  confidence: 'float8',
  occurred_at: 'timestamptz',
  lat: 'float8',
  lon: 'float8',
  location_precision: 'location_precision',
  region: 'text',
  municipality: 'text',
  district: 'text',
  report_count: 'integer',
  reporter_count: 'integer',
  official: 'boolean',
  contested: 'boolean',
  past: 'boolean',
} as const;
const SUMMARY_NAMES = Object.keys(SUMMARY_TYPES);
const SUMMARY_COLUMNS = SUMMARY_NAMES.join(', ');
/** SQL of the summaries that are the statement's first value. */
const GIVEN_SUMMARIES = `jsonb_to_recordset($1::jsonb) AS given (id uuid, ${Object.entries(SUMMARY_TYPES)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')})`;

function recordsOf(incidents: readonly WrittenIncident[]): string {
  return JSON.stringify(incidents.map((incident) => ({ id: incident.id, ...recordOf(incident) })));
}

/** An incident under the names of its columns. */
function recordOf({ summary, contested }: WrittenIncident): Record<keyof typeof SUMMARY_TYPES, unknown> {
  return {
    type: summary.type,
    severity: summary.severity,
    verification: summary.verification,
    confidence: summary.confidence,
    occurred_at: summary.occurredAt,
    lat: summary.lat,
    lon: summary.lon,
    location_precision: summary.precision,
    region: summary.region,
    municipality: summary.municipality,
    district: summary.district,
    report_count: summary.reportCount,
    reporter_count: summary.reporterCount,
    official: summary.official,
    contested,
    past: summary.past,
  };
}
