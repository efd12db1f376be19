import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactColumn, redactPositions } from './redact.ts';

it('leaves of a position about a kilometre, wherever in the JSON it stands', () => {
  const args = {
    type: 'theft',
    location: { lat: 59.332_581, lon: 18.064_9, accuracyM: 12 },
    changes: { location: { lat: -0.000_1, lon: 179.999 } },
    list: [{ lat: 1.234_5 }],
    severity: 3,
  };
  expect(redactPositions(args, 'operator')).toEqual({
    redacted: true,
    value: {
      type: 'theft',
      location: { lat: 59.33, lon: 18.06, accuracyM: null },
      changes: { location: { lat: -0, lon: 180 } },
      list: [{ lat: 1.23 }],
      severity: 3,
    },
  });
});

it('finds positions in whatever type and spelling they came', () => {
  const exact = ['59.332', '18.064', '6580822', '59.33258', '332581'];
  const rejected: Record<string, unknown> = {
    location: { lat: '59.332581', lon: ' 18.0649e0 ', accuracyM: '12' },
    geometry: { type: 'Point', coordinates: [18.0649, 59.332581] },
    track: { coordinates: [[[18.0649, '59.332581']], null] },
    position: [59.332581, 18.0649],
    GPS: 'POINT(18.0649 59.332581)',
    latLng: { a: 59.332581 },
    gps_latitude: '59° 19.95486’ (59.332581)',
    Longitude: [18.0649],
    lat: { value: '59.332581' },
    coords: { north: 6_580_822.3, east: '674032.357' },
    lng: 18_064_900_000,
  };
  const { value, redacted } = redactPositions({ args: rejected, severity: 3.141_59 }, 'operator');
  expect(redacted).toBe(true);
  for (const digits of exact) expect(JSON.stringify(value)).not.toContain(digits);
  expect(value).toMatchObject({
    severity: 3.141_59,
    args: {
      location: { lat: '59.33', lon: '18.06', accuracyM: null },
      geometry: { type: 'Point', coordinates: [18.06, 59.33] },
      track: { coordinates: [[[18.06, '59.33']], null] },
      GPS: 'POINT(18.06 59.33)',
      gps_latitude: null,
      coords: { north: null, east: null },
    },
  });
});

it.each([
  ['POINT(18.0649 59.332581)', 'POINT(18.06 59.33)'],
  ['[18.0649,59.332581]', '[18.06,59.33]'],
  ['59.332581N 18.0649E', '59.33N 18.06E'],
  ['by the harbour', 'by the harbour'],
  ['59,332581 18,0649', null],
  ['59,123', null],
  ['59° 19′ 57.3″ N', null],
  ["59°19.955'", null],
  ['59 19 57 N', null],
  ['1 Harbour Street', null],
  ['5.9332581e1, 1.80649e1', null],
  ['59.33.258', null],
  ['59.1.9.9 18.3.53.6', null],
  ['59.0 19.0 57.3', null],
  ['٥٩٫٣٣٢٥٨١', null],
])('tells of the place %j only %j', (written, told) => {
  const { value, redacted } = redactPositions({ location: written }, 'operator');
  expect(value).toEqual({ location: told });
  expect(redacted).toBe(written !== told);
});

it.each([
  [
    [59, 19, 57.3],
    [null, null, null],
  ],
  [
    ['59', '19', '57.3'],
    [null, null, null],
  ],
  [
    [18.0649, 59.332581],
    [18.06, 59.33],
  ],
  [
    [17.1234, 58.1234, 18.1234, 59.1234],
    [17.12, 58.12, 18.12, 59.12],
  ],
  [
    { degrees: 59, minutes: 19, seconds: 57.3 },
    { degrees: 59, minutes: null, seconds: null },
  ],
])('tells of the place %j only %j', (given, told) => {
  expect(redactPositions({ location: given }, 'operator').value).toEqual({ location: told });
});

it('tells no minutes and seconds under the name of degrees', () => {
  const given = { lat: [59, 19, 57.3], lon: { d: 18, m: 3, s: 53.6 } };
  expect(redactPositions(given, 'operator').value).toEqual({
    lat: [null, null, null],
    lon: { d: 18, m: null, s: null },
  });
});

it('lets no number of a place through, however it is written or nested', () => {
  const name = fc.constantFrom('lat', 'location', 'coordinates', 'gpsLon', 'geo_point', 'Position');
  const written = fc
    .tuple(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom('number', 'text'))
    .map(([degrees, how]) => (how === 'text' ? String(degrees) : degrees));
  const nested = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      written,
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  const finest = (value: unknown): boolean => {
    if (typeof value === 'object' && value !== null) return Object.values(value).every(finest);
    return value === null || Number(Number(value).toFixed(2)) === Number(value);
  };
  fc.assert(
    fc.property(name, nested, (key, value) => {
      expect(finest(redactPositions({ [key]: value }, 'operator').value)).toBe(true);
    }),
  );
});

it('says when there was nothing to coarsen, and goes no deeper than JSON is read', () => {
  const comment = { body: 'at 59.33258, 18.0649', nested: { latest: 5.55555 } };
  expect(redactPositions(comment, 'operator')).toEqual({ value: comment, redacted: false });
  let deep: unknown = { lat: 59.332_581 };
  for (let i = 0; i < 100; i += 1) deep = [deep];
  expect(JSON.stringify(redactPositions(deep, 'operator').value)).not.toContain('59.332581');
});

it('coarsens columns, and JSON in them', () => {
  expect(redactColumn('lat', 'float8', '59.332581', 'operator')).toEqual({ value: '59.33', redacted: true });
  expect(redactColumn('accuracy_m', 'float8', '12', 'operator')).toEqual({ value: null, redacted: true });
  expect(redactColumn('type', 'text', 'theft', 'operator')).toEqual({ value: 'theft', redacted: false });
  const json = '{"location": {"lat": 59.332581}}';
  expect(redactColumn('args', 'jsonb', json, 'operator')).toEqual({
    value: '{"location":{"lat":59.33}}',
    redacted: true,
  });
});
