import fc from 'fast-check';
import { latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { cellsOfCircle } from './circle-cells.ts';
import type { Circle } from './circle-cells.ts';

const EARTH_M = 6_371_007;

/** The point at a distance from the circle's middle, in a direction of so many radians from north. */
function towards({ lat, lon }: Circle, distanceM: number, bearing: number): [number, number] {
  const [phi, lambda, delta] = [lat * (Math.PI / 180), lon * (Math.PI / 180), distanceM / EARTH_M];
  const sine = Math.sin(phi) * Math.cos(delta) + Math.cos(phi) * Math.sin(delta) * Math.cos(bearing);
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(delta) * Math.cos(phi),
    Math.cos(delta) - Math.sin(phi) * sine,
  );
  return [Math.asin(sine) * (180 / Math.PI), (lambda + east) * (180 / Math.PI)];
}

it('holds every point of a circle, to its edge, all over the globe, in few cells', () => {
  const circle: fc.Arbitrary<Circle> = fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
    radiusM: fc.double({ min: 1, max: 100_000, noNaN: true }),
  });
  const bearing = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
  fc.assert(
    fc.property(circle, fc.array(bearing, { minLength: 12, maxLength: 12 }), (asked, bearings) => {
      const { resolution, cells } = cellsOfCircle(asked);
      expect(cells.length).toBeLessThanOrEqual(37);
      for (const each of bearings) {
        const [lat, lon] = towards(asked, asked.radiusM, each);
        expect(cells).toContain(latLngToCell(lat, lon, resolution));
      }
    }),
    { numRuns: 300 },
  );
});
