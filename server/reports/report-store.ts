import type { ReportStatus } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import { linkBounds, linked } from './linking.ts';
import type { Linkable } from './linking.ts';
import { REPORT_COLUMNS, reportFromRow } from './report-row.ts';
import type { ReportRow, StoredReport } from './report-row.ts';
import type { NewReport, ReportRevision } from './report.ts';
import { tilesOf } from './tiles.ts';

/** A given report and a stored one that it links with, and the incident of the latter. */
export interface Link {
  readonly reportId: string;
  readonly toId: string;
  readonly incidentId: string | null;
}

type NearRow = ReportRow & { given_at: number };

/**
 * All links between the given reports and other active ones in the table. The inner query is fenced by OFFSET
 * so that each report is looked up by the index, whatever the planner believes about the whole.
 */
export async function findLinks(tx: Transaction, reports: readonly Linkable[]): Promise<Link[]> {
  const { rows } = await tx.query<NearRow>({
    name: 'reports_near',
    text: `SELECT given.at AS given_at, near.*
           FROM jsonb_to_recordset($1::jsonb) AS given (at int4, id uuid, register text, types incident_type[], tiles int4[],
             "minLat" float8, "maxLat" float8, "from" timestamptz, "to" timestamptz)
           CROSS JOIN LATERAL (
             SELECT ${REPORT_COLUMNS} FROM reports
             WHERE status = 'active' AND tile_of(lat, lon) = ANY (given.tiles)
               AND occurred_at BETWEEN given."from" AND given."to"
               AND lat BETWEEN given."minLat" AND given."maxLat"
               AND type = ANY (given.types) AND id <> given.id
               AND (register IS NULL OR register IS DISTINCT FROM given.register)
             OFFSET 0
           ) AS near`,
    values: [JSON.stringify(reports.map(searchFor))],
  });
  return rows.flatMap((row) => {
    const report = reports[row.given_at];
    if (report === undefined) return [];
    const near = reportFromRow(row);
    return linked(report, near) ? [{ reportId: report.id, toId: near.id, incidentId: near.incidentId }] : [];
  });
}

/** Where and when to look for what a report may link with. */
function searchFor(report: Linkable, at: number): Record<string, unknown> {
  const { minLat, maxLat, from, to, types, ...box } = linkBounds(report);
  const { id, register } = report;
  return { at, id, register, types, tiles: tilesOf({ minLat, maxLat, ...box }), minLat, maxLat, from, to };
}

/** The incident of each of these reports. */
export async function incidentsOf(
  tx: Transaction,
  reportIds: readonly string[],
): Promise<Map<string, string | null>> {
  const { rows } = await tx.query<Pick<ReportRow, 'id' | 'incident_id'>>({
    name: 'reports_incidents',
    text: 'SELECT id, incident_id FROM reports WHERE id = ANY($1::uuid[])',
    values: [reportIds],
  });
  return new Map(rows.map(({ id, incident_id: incidentId }) => [id, incidentId]));
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

/** The ids of all reports of the incidents, the withdrawn ones too. */
export async function reportIdsOf(tx: Transaction, incidentIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM reports WHERE incident_id = ANY($1::uuid[])',
    [incidentIds],
  );
  return rows.map(({ id }) => id);
}

/** One report; undefined when there is none. */
export async function readReport(tx: Transaction, reportId: string): Promise<StoredReport | undefined> {
  const { rows } = await tx.query<ReportRow>(`SELECT ${REPORT_COLUMNS} FROM reports WHERE id = $1`, [
    reportId,
  ]);
  return rows[0] === undefined ? undefined : reportFromRow(rows[0]);
}

/** Which of the reports' authors have no account. */
export async function anonymousAmong(
  tx: Transaction,
  reports: readonly Pick<NewReport, 'reporterId'>[],
): Promise<ReadonlySet<string>> {
  const authors = new Set(reports.flatMap(({ reporterId }) => reporterId ?? []));
  if (authors.size === 0) return authors;
  const { rows } = await tx.query<{ id: string }>({
    name: 'reports_anonymous',
    text: 'SELECT id FROM users WHERE id = ANY($1::uuid[]) AND users.kind = $2',
    values: [[...authors], 'anonymous'],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Stores new reports, each as one of an incident that exists. */
export async function insertReports(
  tx: Transaction,
  reports: readonly { readonly report: NewReport; readonly incidentId: string }[],
): Promise<void> {
  await tx.query({
    name: 'reports_insert',
    text: `INSERT INTO reports (${NEW_COLUMNS}, known_at, past)
           SELECT ${NEW_COLUMNS}, coalesce(known_at, now()), past
           FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, source report_source, reporter_id uuid,
             device_id uuid, type incident_type, raw_type text, severity smallint, occurred_at timestamptz,
             claimed_at timestamptz, clock_suspect boolean, description text, lat float8, lon float8,
             accuracy_m float8, location_precision location_precision, region text, municipality text,
             district text, area_basis area_basis, register text, known_at timestamptz, past boolean,
             anonymous boolean, incident_id uuid)`,
    values: [JSON.stringify(reports.map(({ report, incidentId }) => recordOf(report, incidentId)))],
  });
}

const NEW_COLUMNS = `id, source, reporter_id, device_id, type, raw_type, severity, occurred_at, claimed_at,
  clock_suspect, description, lat, lon, accuracy_m, location_precision, region, municipality, district,
  area_basis, register, anonymous, incident_id`;

function recordOf({ place, ...report }: NewReport, incidentId: string): Record<string, unknown> {
  return {
    id: report.id,
    source: report.source,
    reporter_id: report.reporterId,
    device_id: report.deviceId,
    type: report.type,
    raw_type: report.rawType,
    severity: report.severity,
    occurred_at: report.occurredAt,
    claimed_at: report.claimedAt,
    clock_suspect: report.clockSuspect,
    description: report.description,
    lat: place.lat,
    lon: place.lon,
    accuracy_m: place.accuracyM,
    location_precision: place.precision,
    region: place.region,
    municipality: place.municipality,
    district: place.district,
    area_basis: place.areaBasis,
    register: report.register,
    known_at: report.knownAt,
    past: report.past ?? false,
    anonymous: report.anonymous ?? false,
    incident_id: incidentId,
  };
}

/** Changes a report to what its revision says, and makes it active unless told otherwise; a row that says so already is left alone. */
export async function reviseReport(
  tx: Transaction,
  reportId: string,
  { type, rawType, severity, occurredAt, description, place, knownAt, past }: ReportRevision,
  status: ReportStatus = 'active',
): Promise<void> {
  await tx.query(
    `UPDATE reports SET type = $2, raw_type = $3, severity = $4, occurred_at = $5, description = $6, lat = $7,
       lon = $8, accuracy_m = $9, location_precision = $10, region = $11, municipality = $12,
       district = $13, area_basis = $14, known_at = coalesce($15, known_at), status = $16, past = coalesce($17, past), version = version + 1, updated_at = now()
     WHERE id = $1 AND (type, raw_type, severity, occurred_at, description, lat, lon, accuracy_m,
                        location_precision, region, municipality, district, area_basis, known_at, status, past)
       IS DISTINCT FROM ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce($15, known_at), $16::report_status, coalesce($17, past))`,
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
      place.district,
      place.areaBasis,
      knownAt,
      status,
      past ?? null,
    ],
  );
}

/** Marks a report as taken back; it still names the incident that it was last part of. */
export async function markWithdrawn(tx: Transaction, reportId: string): Promise<void> {
  await tx.query(`UPDATE reports SET status = 'withdrawn', updated_at = now() WHERE id = $1`, [reportId]);
}

/** Moves reports to other incidents. */
export async function moveReports(
  tx: Transaction,
  moves: readonly { readonly reportId: string; readonly incidentId: string }[],
): Promise<void> {
  await tx.query({
    name: 'reports_move',
    text: `UPDATE reports SET incident_id = moved.incident_id, updated_at = now()
           FROM unnest($1::uuid[], $2::uuid[]) AS moved (report_id, incident_id)
           WHERE id = report_id AND reports.incident_id IS DISTINCT FROM moved.incident_id`,
    values: [moves.map(({ reportId }) => reportId), moves.map(({ incidentId }) => incidentId)],
  });
}

/** Gives reports their pins, which hold more firmly than what they were held by. */
export async function pinReports(tx: Transaction, pins: ReadonlyMap<string, string>): Promise<void> {
  await tx.query(
    `UPDATE reports SET pin = given.pin, held = NULL, updated_at = now() FROM unnest($1::uuid[], $2::uuid[]) AS given (report_id, pin)
     WHERE id = report_id AND reports.pin IS DISTINCT FROM given.pin`,
    [[...pins.keys()], [...pins.values()]],
  );
}

/** A report as a revision would say it, with its status; undefined when there is none. */
export async function readWhole(
  tx: Transaction,
  reportId: string,
): Promise<(ReportRevision & { readonly status: ReportStatus }) | undefined> {
  const { rows } = await tx.query<ReportRow & { raw_type: string | null; whole: string }>(
    `SELECT ${REPORT_COLUMNS}, reports.raw_type, reports.description AS whole FROM reports WHERE id = $1`,
    [reportId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { type, severity, occurredAt, place, status } = reportFromRow(row);
  return {
    type,
    severity,
    occurredAt,
    place,
    status,
    rawType: row.raw_type,
    description: row.whole,
    knownAt: null,
  };
}

/**
 * Holds all reports of an incident together, the withdrawn ones too, by the name that some are held by already or else the given
 * one. Nothing that anybody sees of them changes.
 */
export async function holdIncident(tx: Transaction, incidentId: string, name: string): Promise<void> {
  await tx.query(
    `WITH chosen AS MATERIALIZED (SELECT coalesce(min(held::text)::uuid, $2) AS name FROM reports WHERE incident_id = $1)
     UPDATE reports SET held = chosen.name FROM chosen WHERE incident_id = $1 AND held IS DISTINCT FROM chosen.name`,
    [incidentId, name],
  );
}

/** Holds a report no longer with others. */
export async function letGo(tx: Transaction, reportId: string): Promise<void> {
  await tx.query('UPDATE reports SET held = NULL WHERE id = $1', [reportId]);
}
