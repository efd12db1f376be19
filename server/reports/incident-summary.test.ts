import { getResolution, latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { summariseIncident } from './incident-summary.ts';
import type { SummarisedReport } from './incident-summary.ts';
import { PUBLIC_RESOLUTION } from './public-point.ts';

function report(id: string, changes: Partial<SummarisedReport> = {}): SummarisedReport {
  return {
    id,
    source: 'user',
    reporterId: `person ${id}`,
    type: 'theft',
    severity: 2,
    description: '',
    pin: null,
    register: null,
    occurredAt: new Date('2026-11-25T12:00:00Z'),
    place: {
      lat: 59.3326,
      lon: 18.0649,
      precision: 'point',
      accuracyM: 10,
      region: '01',
      municipality: '0180',
      district: null,
      areaBasis: 'nearest_centre',
    },
    ...changes,
  };
}

it('is corroborated by a second person, never by the same one or by two whose names are gone', () => {
  const verification = (...reports: SummarisedReport[]) => summariseIncident(reports).verification;
  expect(verification(report('1'))).toBe('unverified');
  expect(verification(report('1'), report('2'))).toBe('corroborated');
  expect(verification(report('1', { reporterId: 'x' }), report('2', { reporterId: 'x' }))).toBe('unverified');
  expect(verification(report('1', { reporterId: null }), report('2', { reporterId: null }))).toBe(
    'unverified',
  );
  expect(verification(report('1'), report('2', { source: 'official', reporterId: null }))).toBe('verified');
});

it('is corroborated by an account and somebody without one, never by people without accounts alone, however many', () => {
  const summary = (...reports: SummarisedReport[]) => {
    const { verification, reporterCount, confidence } = summariseIncident(reports);
    return [verification, reporterCount, confidence];
  };
  const nobody = (id: string, reporterId: string | null = id) => report(id, { reporterId, anonymous: true });
  const [alone, two] = [
    ['unverified', 1, 0.5],
    ['corroborated', 2, 1 - 1 / 3],
  ];
  expect(summary(nobody('1'), nobody('2'), nobody('3'))).toEqual(alone);
  expect(summary(nobody('1'), nobody('2', null))).toEqual(alone);
  expect(summary(report('1'), nobody('2'), nobody('3'))).toEqual(two);
  expect(summary(report('1', { reporterId: null }), nobody('2'))).toEqual(two);
  // He has taken an account since.
  expect(summary(report('1', { reporterId: 'x' }), nobody('2', 'x'))).toEqual(alone);
  expect(summary(report('1', { reporterId: 'x' }), nobody('2', 'x'), nobody('3'))).toEqual(two);
  expect(summary(nobody('3'), nobody('2', 'x'), report('1', { reporterId: 'x' }))).toEqual(two);
});

it('takes the worst severity, the earliest time and confidence 1 − 1/(n + 1)', () => {
  const earlier = new Date('2026-11-25T11:00:00Z');
  const reports = [report('1'), report('2', { severity: 5 }), report('3', { occurredAt: earlier })];
  expect(summariseIncident(reports)).toMatchObject({ severity: 5, occurredAt: earlier, confidence: 0.75 });
});

it('lies at the centre of the cell of its first exact report, however its reports are ordered', () => {
  const far = { ...report('2').place, lat: 59.35 };
  const area = { ...far, precision: 'municipality' as const, accuracyM: null };
  const reports = [report('1', { place: area }), report('2'), report('3', { place: far })];
  const { lat, lon, precision } = summariseIncident(reports);
  expect(precision).toBe('point');
  const cell = latLngToCell(lat, lon, PUBLIC_RESOLUTION);
  expect(cell).toBe(latLngToCell(59.3326, 18.0649, PUBLIC_RESOLUTION));
  expect(getResolution(cell)).toBe(9);
  expect(summariseIncident(reports.toReversed())).toEqual(summariseIncident(reports));
});

it('is what most of its reports say it was, and of two said as often what the most precise one says', () => {
  const typeOf = (...reports: SummarisedReport[]) => summariseIncident(reports).type;
  const [theft, burglary] = [report('1'), report('2', { type: 'burglary' })];
  expect(typeOf(theft, burglary, report('3', { type: 'burglary' }))).toBe('burglary');
  expect(typeOf(burglary, theft)).toBe('theft');
});
