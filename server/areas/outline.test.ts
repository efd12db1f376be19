import { describe, expect, it } from 'vitest';
import { boxOf, centreOf, toGeoJson } from './outline.ts';
import type { Outline } from './outline.ts';

const ring = (...positions: number[]) => Float64Array.from([...positions, ...positions.slice(0, 2)]);
/** A square of 2° with a hole of 1° in its south-western corner, and a smaller island far away. */
const holed: Outline = [
  [ring(10, 50, 12, 50, 12, 52, 10, 52), ring(10, 50, 10, 51, 11, 51, 11, 50)],
  [ring(20, 60, 20, 61, 21, 60)],
];
/** A horseshoe, open to the north, whose centroid lies in its gap. */
const horseshoe: Outline = [[ring(0, 0, 10, 0, 10, 10, 9, 10, 9, 1, 1, 1, 1, 10, 0, 10)]];

describe('outlines', () => {
  it('have the box of all their parts', () => {
    expect(boxOf(holed)).toEqual({ west: 10, south: 50, east: 21, north: 61 });
  });

  it('have a centre in their largest part, weighed without its holes', () => {
    // Three squares of 1°, of which the missing one is at (10.5, 50.5): the mean of their centres.
    expect(centreOf(holed)).toEqual({ lat: 51.166667, lon: 11.166667 });
  });

  it('have a centre that lies inside also where the centroid does not', () => {
    expect(centreOf(horseshoe)).toEqual({ lat: 5, lon: 0.5 });
  });

  it('become the GeoJSON that they came from', () => {
    const triangle: Outline = [[ring(20, 60, 20, 61, 21, 60)]];
    const rings = [
      [
        [20, 60],
        [20, 61],
        [21, 60],
        [20, 60],
      ],
    ];
    expect(toGeoJson(triangle)).toEqual({ type: 'Polygon', coordinates: rings });
    const { type, coordinates } = toGeoJson(holed);
    expect([type, coordinates.length, coordinates[1]]).toEqual(['MultiPolygon', 2, rings]);
  });
});
