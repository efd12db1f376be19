import type { Transaction } from '../db/pool.ts';
import type { IncidentSummary } from './incident-summary.ts';

/** Locks incidents in the order of their ids, and tells which of them are merged into another. */
export async function lockIncidents(
  tx: Transaction,
  incidentIds: readonly string[],
): Promise<Map<string, 'live' | 'merged'>> {
  const { rows } = await tx.query<{ id: string; status: string }>({
    name: 'incidents_lock',
    text: `SELECT id, status FROM incidents WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
    values: [incidentIds],
  });
  return new Map(rows.map(({ id, status }) => [id, status === 'merged' ? 'merged' : 'live']));
}

/** Makes open incidents. */
export async function insertIncidents(
  tx: Transaction,
  incidents: readonly { readonly id: string; readonly summary: IncidentSummary }[],
): Promise<void> {
  await tx.query({
    name: 'incidents_insert',
    text: `INSERT INTO incidents (id, ${SUMMARY_COLUMNS})
           SELECT id, ${SUMMARY_COLUMNS}
           FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, type incident_type, severity smallint,
             verification verification, confidence float8, occurred_at timestamptz, lat float8, lon float8,
             location_precision location_precision, region text, municipality text, report_count integer,
             reporter_count integer, official boolean)`,
    values: [JSON.stringify(incidents.map(({ id, summary }) => ({ id, ...recordOf(summary) })))],
  });
}

/**
 * Brings an incident to what its reports say and officers have decided, and opens it unless they closed it; a row
 * that says so already is left alone. Its comments carry its region.
 */
export async function updateIncident(tx: Transaction, id: string, summary: IncidentSummary): Promise<void> {
  await tx.query({
    name: 'incidents_update',
    text: `WITH changed AS (
           UPDATE incidents SET (${SUMMARY_COLUMNS}, status, updated_at)
             = ($2, $3, COALESCE(verdict, $4), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, ${DECIDED_STATUS}, now())
           WHERE id = $1 AND (${SUMMARY_COLUMNS}, status) IS DISTINCT FROM
             ($2, $3, COALESCE(verdict, $4), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, ${DECIDED_STATUS})
           RETURNING id, region
         )
         UPDATE comments SET region = changed.region FROM changed
         WHERE incident_id = changed.id AND comments.region IS DISTINCT FROM changed.region`,
    values: [id, ...Object.values(recordOf(summary))],
  });
}

/**
 * Hands on what officers decided about incidents that merge, before their rows say so: of several verdicts the
 * newest holds, and one of them that was closed closes the whole.
 */
export async function inheritDecisions(
  tx: Transaction,
  merged: readonly { readonly id: string; readonly into: string }[],
): Promise<void> {
  await tx.query(
    `WITH given AS (
       SELECT into_id, max(ended_at) AS ended_at, max(verdict_at) AS verdict_at,
              (array_agg(verdict ORDER BY verdict_at DESC NULLS LAST, id))[1] AS verdict
       FROM unnest($1::uuid[], $2::uuid[]) AS merged (merged_id, into_id) JOIN incidents ON id = merged_id
       GROUP BY into_id
     )
     UPDATE incidents SET ended_at = GREATEST(incidents.ended_at, given.ended_at),
       (verdict, verdict_at) = (
         SELECT newest.verdict, newest.verdict_at FROM (VALUES (incidents.verdict, incidents.verdict_at), (given.verdict, given.verdict_at))
           AS newest (verdict, verdict_at)
         ORDER BY newest.verdict_at DESC NULLS LAST LIMIT 1)
     FROM given WHERE id = into_id AND (given.ended_at IS NOT NULL OR given.verdict IS NOT NULL)`,
    [merged.map(({ id }) => id), merged.map(({ into }) => into)],
  );
}

/** Ends an incident whose reports all went to another one, which its row names from now on; its comments go, too. */
export async function markMerged(tx: Transaction, id: string, into: string): Promise<void> {
  await tx.query(
    `WITH moved AS (
       UPDATE comments SET incident_id = $2, region = (SELECT region FROM incidents WHERE id = $2)
       WHERE incident_id = $1
     )
     UPDATE incidents SET status = 'merged', merged_into = $2, ${NO_REPORTS}, verification = 'unverified'
     WHERE id = $1`,
    [id, into],
  );
}

/** Closes an incident that no active report is left of. A revised report may open it again. */
export async function markEmptied(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `UPDATE incidents SET status = 'closed', ${NO_REPORTS}, verification = 'dismissed'
     WHERE id = $1 AND (status, report_count) <> ('closed', 0)`,
    [id],
  );
}

/** What becomes of an incident with reports: open, unless an officer closed it or dismissed it. */
const DECIDED_STATUS = `CASE WHEN ended_at IS NOT NULL OR verdict IS NOT DISTINCT FROM 'dismissed'
             THEN 'closed' ELSE 'open' END::incident_status`;

const NO_REPORTS = `report_count = 0, reporter_count = 0, confidence = 0, official = false, updated_at = now()`;

const SUMMARY_COLUMNS = `type, severity, verification, confidence, occurred_at, lat, lon, location_precision,
  region, municipality, report_count, reporter_count, official`;

/** A summary under the names of its columns, in the order of `SUMMARY_COLUMNS`. */
function recordOf(summary: IncidentSummary) {
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
    report_count: summary.reportCount,
    reporter_count: summary.reporterCount,
    official: summary.official,
  };
}
