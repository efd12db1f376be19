import { textOf } from '../sync/rows.ts';
import type { ShapeRow } from '../sync/rows.ts';
import type { Spots } from './base-map.ts';

/** An incident as the map and its list show it. */
export interface IncidentRow {
  readonly id: string;
  readonly type: string;
  readonly severity: number;
  readonly status: string;
  readonly verification: string;
  readonly occurredAtMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly reports: number;
}

/** Incidents out of rows of the shape `incidents`, the newest first; those that became part of others are left out. */
export function incidentsOf(rows: readonly ShapeRow[]): IncidentRow[] {
  return rows
    .filter((row) => row['merged_into'] === null)
    .map((row) => ({
      id: textOf(row['id']),
      type: textOf(row['type']),
      severity: Number(row['severity']),
      status: textOf(row['status']),
      verification: textOf(row['verification']),
      occurredAtMs: Number(row['occurred_at']),
      lat: Number(row['lat']),
      lon: Number(row['lon']),
      reports: Number(row['report_count']),
    }))
    .sort((a, b) => b.occurredAtMs - a.occurredAtMs);
}

/** The same for the map, the gravest on top. */
export function spotsOf(incidents: readonly IncidentRow[]): Spots {
  const features = incidents
    .toSorted((a, b) => a.severity - b.severity)
    .map(({ id, severity, lat, lon }) => ({
      type: 'Feature' as const,
      properties: { id, severity },
      geometry: { type: 'Point' as const, coordinates: [lon, lat] },
    }));
  return { type: 'FeatureCollection', features };
}
