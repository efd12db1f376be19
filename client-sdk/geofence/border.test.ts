import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metresToBorder } from './border.ts';
import type { Ring } from './border.ts';

/** A square of `size` degrees whose south-west corner is at `lon`, `lat`. */
const square = (lon: number, lat: number, size: number): Ring => [
  [lon, lat],
  [lon + size, lat],
  [lon + size, lat + size],
  [lon, lat + size],
];
/** One degree of a great circle of the mean Earth. */
const DEGREE_M = 111_195;

describe('metresToBorder', () => {
  it('is in metres, negative within', () => {
    const places = [[square(18, 59, 0.1)]];
    expect(metresToBorder(places, 59.01, 18.05)).toBeCloseTo(-0.01 * DEGREE_M, -1);
    expect(metresToBorder(places, 58.99, 18.05)).toBeCloseTo(0.01 * DEGREE_M, -1);
    // A degree of longitude is shorter by the cosine of the latitude.
    expect(metresToBorder(places, 59.05, 17.99)).toBeCloseTo(
      0.01 * DEGREE_M * Math.cos((59.05 * Math.PI) / 180),
      -1,
    );
  });

  it('counts a hole as outside, and its border as one', () => {
    const places = [[square(18, 59, 1), square(18.4, 59.4, 0.2)]];
    expect(metresToBorder(places, 59.5, 18.5)).toBeGreaterThan(0);
    expect(metresToBorder(places, 59.2, 18.2)).toBeLessThan(0);
    expect(metresToBorder(places, 59.39, 18.5)).toBeCloseTo(-0.01 * DEGREE_M, -1);
  });

  it('knows places of several parts, and of none', () => {
    const places = [[square(18, 59, 0.1)], [square(19, 59, 0.1)]];
    expect(metresToBorder(places, 59.05, 19.05)).toBeLessThan(0);
    expect(metresToBorder(places, 59.05, 18.5)).toBeGreaterThan(0);
    expect(metresToBorder([], 59, 18)).toBe(Infinity);
  });

  it('takes no notice of the antimeridian', () => {
    const places = [[square(179.9, 10, 0.2)]];
    expect(metresToBorder(places, 10.1, 180)).toBeLessThan(0);
    expect(metresToBorder(places, 10.1, -179.95)).toBeLessThan(0);
    expect(metresToBorder(places, 10.1, -179.8)).toBeGreaterThan(0);
  });

  it('has the sign of a box for every box and position, however its ring is written', () => {
    const degrees = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(
        degrees,
        degrees,
        fc.integer({ min: 1, max: 20 }),
        degrees,
        degrees,
        (lon, lat, size, x, y) => {
          fc.pre(x !== lon && x !== lon + size && y !== lat && y !== lat + size);
          const isWithin = x > lon && x < lon + size && y > lat && y < lat + size;
          const closed = [...square(lon, lat, size), [lon, lat] as const];
          for (const ring of [square(lon, lat, size), closed, closed.toReversed()]) {
            expect(metresToBorder([[ring]], y, x) < 0).toBe(isWithin);
          }
        },
      ),
    );
  });

  it('has the right sign on the height of a corner', () => {
    const diamond: Ring = [
      [18, 58],
      [19, 59],
      [18, 60],
      [17, 59],
    ];
    expect(metresToBorder([[diamond]], 59, 18)).toBeLessThan(0);
    expect(metresToBorder([[diamond]], 59, 16)).toBeGreaterThan(0);
    expect(metresToBorder([[diamond]], 59, 20)).toBeGreaterThan(0);
    expect(metresToBorder([[diamond]], 58, 17)).toBeGreaterThan(0);
  });
});
