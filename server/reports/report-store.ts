import type { Transaction } from '../db/pool.ts';
import { linkBounds, linked } from './linking.ts';
import type { Linkable } from './linking.ts';
import { REPORT_COLUMNS, reportFromRow } from './report-row.ts';
import type { ReportRow, StoredReport } from './report-row.ts';
import type { NewReport, ReportRevision } from './report.ts';

/** The active reports that link with this one, itself not among them. */
export async function findLinked(tx: Transaction, report: Linkable): Promise<StoredReport[]> {
  const { minLat, maxLat, minLon, maxLon, from, to } = linkBounds(report);
  const { rows } = await tx.query<ReportRow>({
    name: 'reports_near',
    text: `SELECT ${REPORT_COLUMNS} FROM reports
           WHERE status = 'active' AND type = $1 AND lat BETWEEN $2 AND $3 AND lon BETWEEN $4 AND $5
             AND occurred_at BETWEEN $6 AND $7 AND id <> $8`,
    values: [report.type, minLat, maxLat, minLon, maxLon, from, to, report.id],
  });
  return rows.map(reportFromRow).filter((other) => linked(report, other));
}

/** The active reports of the incidents. */
export async function membersOf(tx: Transaction, incidentIds: readonly string[]): Promise<StoredReport[]> {
  const { rows } = await tx.query<ReportRow>({
    name: 'reports_of_incidents',
    text: `SELECT ${REPORT_COLUMNS} FROM reports WHERE incident_id = ANY($1::uuid[]) AND status = 'active'`,
    values: [incidentIds],
  });
  return rows.map(reportFromRow);
}

/** One report; undefined when there is none. */
export async function readReport(tx: Transaction, reportId: string): Promise<StoredReport | undefined> {
  const { rows } = await tx.query<ReportRow>(`SELECT ${REPORT_COLUMNS} FROM reports WHERE id = $1`, [
    reportId,
  ]);
  return rows[0] === undefined ? undefined : reportFromRow(rows[0]);
}

/** Stores a new report as one of an incident that exists. */
export async function insertReport(tx: Transaction, report: NewReport, incidentId: string): Promise<void> {
  const { place } = report;
  await tx.query({
    name: 'reports_insert',
    text: `INSERT INTO reports (id, source, reporter_id, device_id, type, raw_type, severity, occurred_at,
             claimed_at, clock_suspect, description, lat, lon, accuracy_m, location_precision, region,
             municipality, area_basis, incident_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    values: [
      report.id,
      report.source,
      report.reporterId,
      report.deviceId,
      report.type,
      report.rawType,
      report.severity,
      report.occurredAt,
      report.claimedAt,
      report.clockSuspect,
      report.description,
      place.lat,
      place.lon,
      place.accuracyM,
      place.precision,
      place.region,
      place.municipality,
      place.areaBasis,
      incidentId,
    ],
  });
}

/** Changes a report to what its revision says, and makes it active; leaves a row alone that says so already. */
export async function reviseReport(
  tx: Transaction,
  reportId: string,
  { type, rawType, severity, occurredAt, description, place }: ReportRevision,
): Promise<void> {
  await tx.query(
    `UPDATE reports SET type = $2, raw_type = $3, severity = $4, occurred_at = $5, description = $6, lat = $7,
       lon = $8, accuracy_m = $9, location_precision = $10, region = $11, municipality = $12,
       area_basis = $13, status = 'active', updated_at = now()
     WHERE id = $1 AND (type, raw_type, severity, occurred_at, description, lat, lon, accuracy_m,
                        location_precision, region, municipality, area_basis, status)
       IS DISTINCT FROM ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'active')`,
    [
      reportId,
      type,
      rawType,
      severity,
      occurredAt,
      description,
      place.lat,
      place.lon,
      place.accuracyM,
      place.precision,
      place.region,
      place.municipality,
      place.areaBasis,
    ],
  );
}

/** Marks a report as taken back; it still names the incident that it was last part of. */
export async function markWithdrawn(tx: Transaction, reportId: string): Promise<void> {
  await tx.query(`UPDATE reports SET status = 'withdrawn', updated_at = now() WHERE id = $1`, [reportId]);
}

/** Moves reports to another incident. */
export async function moveReports(
  tx: Transaction,
  reportIds: readonly string[],
  incidentId: string,
): Promise<void> {
  await tx.query(
    `UPDATE reports SET incident_id = $2, updated_at = now()
     WHERE id = ANY($1::uuid[]) AND incident_id IS DISTINCT FROM $2`,
    [reportIds, incidentId],
  );
}
