import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlineIndex } from './outline-index.ts';
import type { Outline } from './outline.ts';

type Position = readonly [lon: number, lat: number];

const ring = (positions: readonly Position[]) => Float64Array.from([...positions, positions[0]!].flat());
const square = (west: number, south: number, size: number): readonly Position[] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
];

/** The even-odd rule over every edge of an outline; exact where coordinates are small whole numbers. */
function holds(outline: Outline, lat: number, lon: number): boolean {
  let crossed = 0;
  for (const positions of outline.flat()) {
    for (let at = 0; at + 3 < positions.length; at += 2) {
      const [x1, y1, x2, y2] = [...positions.slice(at, at + 4)] as [number, number, number, number];
      if (y1 > lat === y2 > lat) continue;
      const side = (x2 - x1) * (lat - y1) - (lon - x1) * (y2 - y1);
      if (y2 > y1 ? side > 0 : side < 0) crossed += 1;
    }
  }
  return crossed % 2 === 1;
}

const coordinate = fc.integer({ min: -20, max: 20 });
/** Rings of any form, crossing themselves and each other, too: the rule holds for them all the same. */
const anyRing = fc
  .array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 60 })
  .map((positions) => ring(positions));
const anyOutline = fc.array(fc.array(anyRing, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});

describe('OutlineIndex', () => {
  it('finds what the even-odd rule over all edges finds, for any rings and points', () => {
    fc.assert(
      fc.property(
        fc.array(anyOutline, { minLength: 1, maxLength: 40 }),
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 50 }),
        (outlines, points) => {
          const index = new OutlineIndex(outlines);
          for (const [lon, lat] of points) {
            const expected = outlines.findIndex((parts) => parts.some((part) => holds([part], lat, lon)));
            expect(index.find(lat, lon)).toBe(expected === -1 ? undefined : expected);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives a point on a border to exactly one of the neighbours, wherever corners and slopes lie', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: 0.1, max: 0.9, noNaN: true }),
            fc.double({ min: 0.1, max: 0.9, noNaN: true }),
          ),
          { minLength: 25, maxLength: 25 },
        ),
        (moved) => {
          // A mosaic of four by four quadrilaterals, whose inner corners lie anywhere within their own squares.
          const corner = (column: number, row: number): Position => {
            const isInner = column > 0 && column < 4 && row > 0 && row < 4;
            const [x, y] = isInner ? moved[row * 5 + column]! : [0.5, 0.5];
            return [column + x, row + y];
          };
          const tiles = Array.from({ length: 16 }, (_, at): Outline => {
            const [column, row] = [at % 4, Math.floor(at / 4)];
            const corners = [
              corner(column, row),
              corner(column + 1, row),
              corner(column + 1, row + 1),
              corner(column, row + 1),
            ];
            // Neighbours go round in opposite directions and begin elsewhere.
            return [[ring(at % 2 === 0 ? corners : corners.toReversed())]];
          });
          const alone = tiles.map((tile) => new OutlineIndex([tile]));
          const borders = tiles.flatMap((tile) => onEdges(tile[0]![0]!)).filter(isInside);
          expect(borders.length).toBeGreaterThan(16);
          for (const [lon, lat] of borders)
            expect(alone.filter((index) => index.find(lat, lon) === 0)).toHaveLength(1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leaves out holes, finds what lies in them, and knows each part of an archipelago', () => {
    const ringed: Outline = [[ring(square(0, 0, 9)), ring(square(3, 3, 3))], [ring(square(20, 0, 1))]];
    const enclave: Outline = [[ring(square(3, 3, 3))]];
    const index = new OutlineIndex([ringed, enclave]);
    expect(index.find(1, 1)).toBe(0);
    expect(index.find(4, 4)).toBe(1);
    expect(new OutlineIndex([ringed]).find(4, 4)).toBeUndefined();
    expect(index.find(0.5, 20.5)).toBe(0);
    expect(index.find(0.5, 15)).toBeUndefined();
  });

  it('holds nothing without outlines, and the first where several overlap', () => {
    expect(new OutlineIndex([]).find(0, 0)).toBeUndefined();
    const stacked = [square(0, 0, 2), square(0, 0, 4), square(1, 1, 4)].map((positions): Outline => [
      [ring(positions)],
    ]);
    expect(new OutlineIndex(stacked).find(1.5, 1.5)).toBe(0);
    expect(new OutlineIndex(stacked.toReversed()).find(1.5, 1.5)).toBe(0);
    expect(new OutlineIndex(stacked).find(3, 3)).toBe(1);
  });
});

/** The corners of a ring, and points that are as much on its edges as numbers can be. */
function onEdges(positions: Float64Array): Position[] {
  const found: Position[] = [];
  for (let at = 0; at + 3 < positions.length; at += 2) {
    const [x1, y1, x2, y2] = [...positions.slice(at, at + 4)] as [number, number, number, number];
    for (const share of [0, 0.25, 1 / 3, 0.5]) found.push([x1 + share * (x2 - x1), y1 + share * (y2 - y1)]);
  }
  return found;
}

/** Whether a point is not on the border of the whole mosaic. */
function isInside([lon, lat]: Position): boolean {
  return lon > 0.6 && lon < 4.4 && lat > 0.6 && lat < 4.4;
}
