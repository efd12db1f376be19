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
