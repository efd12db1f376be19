import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { ReportStatus } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import type { ReportVersion } from './amend.ts';
import type { ReportPlace } from './report.ts';

/** A person's own report as he may change it. */
export interface OwnReport {
  readonly version: number;
  readonly status: ReportStatus;
  readonly incidentId: string | null;
  readonly rawType: string | null;
  readonly says: ReportVersion;
}

interface VersionRow {
  readonly type: IncidentType;
  readonly severity: number;
  readonly occurred_at: Date;
  readonly description: string;
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number | null;
}

interface OwnRow extends VersionRow {
  readonly version: number;
  readonly status: ReportStatus;
  readonly incident_id: string | null;
  readonly raw_type: string | null;
}

const VERSION_COLUMNS = 'type, severity, occurred_at, description, lat, lon, accuracy_m';

/** The person's own report; undefined when there is none, or it is another's. */
export async function readOwnReport(
  tx: Transaction,
  reportId: string,
  reporterId: string,
): Promise<OwnReport | undefined> {
  const { rows } = await tx.query<OwnRow>({
    name: 'report_own',
    text: `SELECT ${VERSION_COLUMNS}, version, status, incident_id, raw_type FROM reports
           WHERE id = $1 AND reporter_id = $2 AND source = 'user'`,
    values: [reportId, reporterId],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { version, status, incident_id: incidentId, raw_type: rawType } = row;
  return { version, status, incidentId, rawType, says: versionFromRow(row) };
}

/** What a report said in an earlier version; undefined when it never had it, or has it now. */
export async function readVersion(
  tx: Transaction,
  reportId: string,
  version: number,
): Promise<ReportVersion | undefined> {
  const { rows } = await tx.query<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM report_versions WHERE report_id = $1 AND version = $2`,
    [reportId, version],
  );
  return rows[0] === undefined ? undefined : versionFromRow(rows[0]);
}

/** Keeps what a report says now for its author, before a mutation replaces it. */
export async function keepVersion(tx: Transaction, reportId: string, replacedBy: string): Promise<void> {
  await tx.query(
    `INSERT INTO report_versions (report_id, reporter_id, version, ${VERSION_COLUMNS}, replaced_by)
     SELECT id, reporter_id, version, ${VERSION_COLUMNS}, $2 FROM reports WHERE id = $1`,
    [reportId, replacedBy],
  );
}

/** Where the reports lie that there are among the ids, as far as locks need it. */
export async function placesOf(
  tx: Transaction,
  reportIds: readonly string[],
): Promise<Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>[]> {
  const { rows } = await tx.query<Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>>({
    name: 'report_places',
    text: `SELECT lat, lon, location_precision AS precision, accuracy_m AS "accuracyM" FROM reports
           WHERE id = ANY($1::uuid[])`,
    values: [reportIds],
  });
  return rows;
}

function versionFromRow(row: VersionRow): ReportVersion {
  return {
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurred_at,
    description: row.description,
    location: { lat: row.lat, lon: row.lon, accuracyM: row.accuracy_m ?? 0 },
  };
}
