import type { IncidentAnswer } from '@halo/shapes/protocol/incidents.ts';

/** Ids in the examples of the OpenAPI document. Tests have rows of these ids, and replay the examples. */
export const EXAMPLE_IDS = {
  incident: '01936d2a-0000-7000-8000-000000000001',
  otherIncident: '01936d2a-0000-7000-8000-000000000002',
  officialEvent: '01936d2a-0000-7000-8000-000000000003',
  mergedIncident: '01936d2a-0000-7000-8000-000000000004',
  report: '01936d2a-0000-7000-8000-000000000011',
  partedReport: '01936d2a-0000-7000-8000-000000000012',
  withdrawnReport: '01936d2a-0000-7000-8000-000000000013',
  comment: '01936d2a-0000-7000-8000-000000000021',
  deletedComment: '01936d2a-0000-7000-8000-000000000022',
  step: '01936d2a-0000-7000-8000-000000000031',
} as const;

export const EXAMPLE_INCIDENT: IncidentAnswer = {
  id: EXAMPLE_IDS.incident,
  type: 'theft',
  severity: 3,
  status: 'open',
  verification: 'corroborated',
  confidence: 0.6666666666666667,
  occurredAt: '2026-11-25T11:30:00.000Z',
  lat: 59.33285,
  lon: 18.06385,
  locationPrecision: 'point',
  region: '01',
  municipality: '0180',
  district: null,
  reportCount: 2,
  reporterCount: 2,
  official: false,
  createdAt: '2026-11-25T11:41:12.301Z',
  updatedAt: '2026-11-25T11:52:40.117Z',
};
