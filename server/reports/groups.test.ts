import { expect, it } from 'vitest';
import { groupArrivals } from './groups.ts';

const occurredAt = new Date('2026-11-25T11:30:00Z');
const report = (id: string, lat: number, incidentId: string | null = null) => ({
  id,
  type: 'theft' as const,
  occurredAt,
  incidentId,
  place: {
    lat,
    lon: 18.07,
    precision: 'point' as const,
    accuracyM: 10,
    region: null,
    municipality: null,
    areaBasis: null,
  },
});

it('takes no report into an incident whose id it was given', () => {
  const incidentId = '019ab000-0000-7000-8000-000000000001';
  const member = report('019ab000-0000-7000-8000-000000000000', 59.33, incidentId);
  const near = report('019ab000-0000-7000-8000-000000000002', 59.33);
  const far = report(incidentId, 57.7);
  const reached = (id: string) => new Set(id === near.id ? [incidentId] : []);
  expect(groupArrivals([near, far], reached, [member])).toEqual([[near, member], [far]]);
});
