import { expect, it } from 'vitest';
import { boxAround } from './linking.ts';
import { tilesOf } from './tiles.ts';

const around = (lat: number, lon: number, metres: number) => tilesOf(boxAround({ lat, lon }, metres));

it('is one tile in the middle of one, and every one that a box enters', () => {
  expect(around(59.31, 18.06, 100)).toHaveLength(1);
  expect(around(59.32, 18.06, 100)).toHaveLength(2);
});

it.each([
  ['a pole', 90, 0],
  ['near a pole', -89.999, 77],
  ['where columns become one', 88, 10],
  ['where columns become wider', 66, 10],
  ['the antimeridian', 10.01, 180],
])('is few tiles at %s', (_where, lat, lon) => {
  expect(around(lat, lon, 1_100).length).toBeGreaterThan(0);
  expect(around(lat, lon, 1_100).length).toBeLessThanOrEqual(9);
});

it('knows the two names of the antimeridian for one', () => {
  expect(around(10.01, -180, 100)).toEqual(around(10.01, 180, 100));
});
