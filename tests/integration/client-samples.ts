import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';

/** A report that every rule accepts. */
export function sampleReport(description: string): ReportCreateInput {
  return {
    type: 'theft',
    severity: 3,
    occurredAt: '2026-01-01T12:00:00.000Z',
    description,
    location: { lat: 59.33, lon: 18.06, accuracyM: 10 },
  };
}

/** An incident as the wire has it. */
export function incidentRow(id: string, region: string, severity = '3'): Record<string, string | null> {
  return {
    id,
    type: 'theft',
    severity,
    status: 'open',
    verification: 'unverified',
    confidence: '0.5',
    occurred_at: '2026-01-01 12:00:00+00',
    lat: '59.33',
    lon: '18.06',
    location_precision: 'point',
    region,
    municipality: null,
    district: null,
    report_count: '1',
    reporter_count: '1',
    official: 'f',
    merged_into: null,
    created_at: '2026-01-01 12:00:00+00',
    updated_at: '2026-01-01 12:00:00+00',
  };
}

/** The caller's own report as the wire has it. */
export function reportRow(id: string, description: string): Record<string, string | null> {
  return {
    id,
    type: 'theft',
    severity: '3',
    occurred_at: '2026-01-01 12:00:00+00',
    received_at: '2026-01-01 12:00:01+00',
    description,
    lat: '59.33',
    lon: '18.06',
    accuracy_m: '10',
    region: '01',
    municipality: null,
    district: null,
    status: 'active',
    incident_id: null,
    version: '1',
    updated_at: '2026-01-01 12:00:01+00',
  };
}

/** A UUID that shows its number. */
export function numberedId(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A change that brings an incident into a region's shape. */
export const incident = (id: number, region = '01', severity = '3') => ({
  shape: `incidents?region=${region}`,
  operation: 'insert' as const,
  value: incidentRow(numberedId(id), region, severity),
});

export const MINE = 'SELECT id, description, sync_state FROM my_reports ORDER BY id';
