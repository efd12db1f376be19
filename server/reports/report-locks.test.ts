import { expect, it } from 'vitest';
import { reportLocks } from './report-locks.ts';

const point = (lat: number, lon: number, accuracyM = 10) =>
  reportLocks({ lat, lon, accuracyM, precision: 'point' });

it('locks one cell in the middle of one, and every one that the circle of reach enters', () => {
  expect(point(59.31, 18.06)).toHaveLength(1);
  // On the edge of two bands of latitude.
  expect(point(59.32, 18.06)).toHaveLength(2);
});

it.each([
  ['a pole', 90, 0],
  ['near a pole', -89.999, 77],
  ['the antimeridian', 10.01, 180],
  ['the coarsest fix that counts, on a corner', 0, 0],
])('names few locks, in ascending order, at %s', (_where, lat, lon) => {
  const keys = point(lat, lon, 10_000);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.length).toBeLessThanOrEqual(9);
  expect([...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(keys);
});

it('knows the two names of the antimeridian for one', () => {
  expect(point(10.01, -180)).toEqual(point(10.01, 180));
});

it('locks the one cell of an area that is known by its centre alone', () => {
  expect(reportLocks({ lat: 59.32, lon: 18.07, accuracyM: null, precision: 'county' })).toHaveLength(1);
});
