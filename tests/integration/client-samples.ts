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

/** A forecast of a cell as the wire has it: for a window from now on, in hours, and valid for some hours. */
export function predictionRow(
  place: string,
  [lat, lon]: readonly [number, number],
  {
    band,
    hours: [from, to] = [-1, 5],
    validFor = 5,
  }: { band: string; hours?: readonly [number, number]; validFor?: number },
): Record<string, string | null> {
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  return {
    category: 'all',
    place,
    window_start: inHours(from),
    window_end: inHours(to),
    place_kind: 'cell-9',
    region: '01',
    lat: String(lat),
    lon: String(lon),
    expected: '0.12',
    lower: '0.1',
    upper: '0.15',
    rank: '1',
    band,
    reasons: '[{"code":"recent","factor":1.8}]',
    model_id: '01980a3c-7c00-7000-8000-000000000101',
    cut_off: inHours(-2),
    computed_at: inHours(-2),
    valid_until: inHours(validFor),
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
