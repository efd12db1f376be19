import type { IncidentAnswer } from '@halo/shapes/protocol/incidents.ts';

const NAMES = {
  id: 'id',
  type: 'type',
  severity: 'severity',
  status: 'status',
  verification: 'verification',
  confidence: 'confidence',
  occurredAt: 'occurred_at',
  lat: 'lat',
  lon: 'lon',
  locationPrecision: 'location_precision',
  region: 'region',
  municipality: 'municipality',
  district: 'district',
  reportCount: 'report_count',
  reporterCount: 'reporter_count',
  official: 'official',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof IncidentAnswer, string>;

/** The public columns of `incidents`, under the names that they are answered with. */
export const INCIDENT_COLUMNS = Object.entries(NAMES)
  .map(([name, column]) => `incidents.${column} AS "${name}"`)
  .join(', ');

/** A row of these, as the driver gives it. */
export type IncidentRow = Omit<IncidentAnswer, 'occurredAt' | 'createdAt' | 'updatedAt'> & {
  readonly occurredAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Incidents that are shown: reports belong to them, and they are no official event that is shown as another one. */
export const IS_SHOWN = 'incidents.report_count > 0 AND incidents.matched_to IS NULL';

/** Turns a row, whatever else it has, into what is answered. */
export function incidentFromRow(row: IncidentRow): IncidentAnswer {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    status: row.status,
    verification: row.verification,
    confidence: row.confidence,
    occurredAt: row.occurredAt.toISOString(),
    lat: row.lat,
    lon: row.lon,
    locationPrecision: row.locationPrecision,
    region: row.region,
    municipality: row.municipality,
    district: row.district,
    reportCount: row.reportCount,
    reporterCount: row.reporterCount,
    official: row.official,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
