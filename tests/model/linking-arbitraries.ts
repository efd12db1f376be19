import fc from 'fast-check';
import type { NewReport, ReportPlace } from '../../server/reports/report.ts';

const NOON_MS = Date.UTC(2026, 10, 25, 12);

/**
 * Reports so close to each other in space, time and type that most sets hold pairs that link, pairs that
 * just do not, and chains. A few know only their area.
 */
export const reportsArbitrary = fc.uniqueArray(
  fc.record({
    id: fc.uuid({ version: 7 }),
    // Robbery is a neighbour of theft, and of assault, which excludes theft.
    type: fc.constantFrom('theft' as const, 'fire' as const, 'robbery' as const, 'assault' as const),
    minutes: fc.integer({ min: -75, max: 75 }),
    description: fc.constantFrom<string[]>(
      '',
      'En röd cykel togs vid torget',
      'Röd cykel tagen vid torget i dag',
    ),
    severity: fc.integer({ min: 1, max: 5 }),
    // Most are nobody's entries; what a register says of two of its own, two registers do not say of each other.
    register: fc.constantFrom(null, null, null, null, null, null, 'city', 'city', 'county'),
    place: fc.oneof(
      { weight: 6, arbitrary: pointArbitrary() },
      { weight: 1, arbitrary: fc.constantFrom(stockholm(), stockholmCounty()) },
    ),
  }),
  { minLength: 2, maxLength: 12, selector: ({ id }) => id },
);

export type DrawnReport = (typeof reportsArbitrary extends fc.Arbitrary<infer Reports>
  ? Reports
  : never)[number];

/** A report of the drawn facts. */
export function newReport(
  { id, type, minutes, severity, place, description, register }: DrawnReport,
  reporterId: string | null,
): NewReport & { readonly pin: null } {
  return {
    id,
    source: place.precision === 'point' && register === null ? 'user' : 'official',
    reporterId: place.precision === 'point' && register === null ? reporterId : null,
    deviceId: null,
    type,
    rawType: null,
    severity,
    occurredAt: new Date(NOON_MS + (place.precision === 'point' ? minutes : Math.sign(minutes)) * 60_000),
    claimedAt: null,
    clockSuspect: false,
    description,
    place,
    register,
    knownAt: null,
    pin: null,
  };
}

/** Sets of ids in one order, so that two partitions can be compared. */
export function partition(groups: Iterable<readonly string[]>): string[][] {
  return [...groups].map((ids) => ids.toSorted()).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

function pointArbitrary(): fc.Arbitrary<ReportPlace> {
  const metres = fc.integer({ min: 0, max: 1_100 });
  return fc
    .record({ north: metres, east: metres, accuracyM: fc.constantFrom(0, 5, 30, 250, 5_000) })
    .map(({ north, east, accuracyM }) => ({
      lat: 59.33 + north / 111_200,
      lon: 18.06 + east / 56_700,
      precision: 'point',
      accuracyM,
      region: '01',
      municipality: '0180',
      district: null,
      areaBasis: 'nearest_centre',
    }));
}

function stockholm(): ReportPlace {
  return {
    lat: 59.3251,
    lon: 18.0711,
    precision: 'municipality',
    accuracyM: null,
    region: '01',
    municipality: '0180',
    district: null,
    areaBasis: 'declared',
  };
}

function stockholmCounty(): ReportPlace {
  return {
    lat: 59.5129,
    lon: 18.161,
    precision: 'county',
    accuracyM: null,
    region: '01',
    municipality: null,
    district: null,
    areaBasis: 'declared',
  };
}
