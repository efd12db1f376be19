import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type {
  AreaBasis,
  LocationPrecision,
  ReportSource,
  ReportStatus,
} from '@halo/shapes/taxonomy/states.ts';
import type { SummarisedReport } from './incident-summary.ts';
import { COMPARED_CHARACTERS } from './text-similarity.ts';
import type { ReportPlace } from './report.ts';

/** A report as linking and summing up need it, with the incident that it belongs to. */
export interface StoredReport extends SummarisedReport {
  readonly incidentId: string | null;
  readonly status: ReportStatus;
}

/** The columns of a report's place, of a table or alias `reports`. */
export const PLACE_COLUMNS = `reports.lat, reports.lon, reports.accuracy_m, reports.location_precision,
  reports.region, reports.municipality, reports.district, reports.area_basis`;

/** The columns of `StoredReport`, of a table or alias `reports`. */
export const REPORT_COLUMNS = `reports.id, reports.source, reports.reporter_id, reports.type, reports.severity,
  reports.occurred_at, left(reports.description, ${COMPARED_CHARACTERS}) AS description, reports.pin, reports.register, reports.past,
  reports.held, reports.forgotten, reports.anonymous,
  ${PLACE_COLUMNS},
  reports.status, reports.incident_id`;

/** A row of `PLACE_COLUMNS` as the driver gives it. */
export interface PlaceRow {
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number | null;
  readonly location_precision: LocationPrecision;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly area_basis: AreaBasis | null;
}

/** A row of `REPORT_COLUMNS` as the driver gives it. */
export interface ReportRow extends PlaceRow {
  readonly id: string;
  readonly source: ReportSource;
  readonly reporter_id: string | null;
  readonly type: IncidentType;
  readonly severity: number;
  readonly occurred_at: Date;
  readonly description: string;
  readonly pin: string | null;
  readonly register: string | null;
  readonly past: boolean;
  readonly held: string | null;
  readonly forgotten: boolean;
  readonly anonymous: boolean;
  readonly status: ReportStatus;
  readonly incident_id: string | null;
}

/** Turns a row into the report it holds. */
export function reportFromRow(row: ReportRow): StoredReport {
  return {
    id: row.id,
    source: row.source,
    reporterId: row.reporter_id,
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurred_at,
    description: row.description,
    pin: row.pin,
    register: row.register,
    past: row.past,
    held: row.held,
    forgotten: row.forgotten,
    anonymous: row.anonymous,
    place: placeFromRow(row),
    status: row.status,
    incidentId: row.incident_id,
  };
}

/** Turns a row into the place it holds. */
export function placeFromRow(row: PlaceRow): ReportPlace {
  return {
    lat: row.lat,
    lon: row.lon,
    precision: row.location_precision,
    accuracyM: row.accuracy_m,
    region: row.region,
    municipality: row.municipality,
    district: row.district,
    areaBasis: row.area_basis,
  };
}
