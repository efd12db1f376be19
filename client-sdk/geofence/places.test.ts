import fc from 'fast-check';
import { cellToLatLng, gridDisk, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { metresToBorder } from './border.ts';
import { circleAround } from './circle.ts';
import { placesOf } from './places.ts';

const circle = { place_id: 'A', risk: 0.5, lat: 59.33, lon: 18.06, radius_m: 500 };
const code = async (...rows: Record<string, unknown>[]) => {
  try {
    return (await placesOf(rows, 0)).length;
  } catch (error) {
    const { code, field } = error as { code: string; field: string };
    return `${code} ${field}`;
  }
};

describe('placesOf', () => {
  it('makes a polygon of a circle, and is always in its window where the row names none', async () => {
    const [place] = await placesOf([circle], 42);
    expect(place).toMatchObject({ placeId: 'A', risk: 0.5, windowStartMs: -Infinity, windowEndMs: Infinity });
    expect(place).not.toHaveProperty('threshold');
    expect(place?.validUntilMs).toBe(42);
    expect(metresToBorder(place!.polygons, 59.33, 18.06)).toBeCloseTo(-499.5, -1);
  });

  it('takes polygons as GeoJSON has them, times as dates or text, and a threshold and name of their own', async () => {
    const ring = [
      [18, 59, 3],
      [18.1, 59],
      [18.1, 59.1],
      [18, 59],
    ];
    const [start, end] = ['2026-01-01T00:00:00Z', '2026-01-01T06:00:00Z'];
    const row = {
      place_id: 'B',
      risk: 1,
      polygons: [[ring]],
      window_start: new Date(start),
      window_end: end,
    };
    const [place] = await placesOf([{ ...row, valid_until: null, name: 'Home', threshold: 0 }], 7);
    expect(place).toMatchObject({
      ...{ name: 'Home', threshold: 0, validUntilMs: 7 },
      ...{ windowStartMs: Date.parse(start), windowEndMs: Date.parse(end) },
    });
    expect(place?.polygons[0]?.[0]?.[0]).toEqual([18, 59]);
  });

  it('makes a polygon of a cell, which is where its middle is and ends half-way to its neighbours', async () => {
    const cell = latLngToCell(59.33, 18.06, 9);
    const [lat, lon] = cellToLatLng(cell);
    const [place] = await placesOf([{ place_id: cell, risk: 1, cell }], 0);
    for (const other of gridDisk(cell, 1)) {
      const [otherLat, otherLon] = cellToLatLng(other);
      const halfWay = (share: number) =>
        metresToBorder(place!.polygons, lat + (otherLat - lat) * share, lon + (otherLon - lon) * share);
      expect(halfWay(0.48)).toBeLessThan(0);
      if (other !== cell) expect(halfWay(0.52)).toBeGreaterThan(0);
    }
  });

  it('names the column that is wrong', async () => {
    expect(await code({ ...circle, risk: '0.5' })).toBe('invalid_place risk');
    expect(await code({ ...circle, place_id: null })).toBe('invalid_place place_id');
    expect(await code({ place_id: 'A', risk: 1 })).toBe('invalid_place lat');
    expect(await code({ place_id: 'A', risk: 1, polygons: [[[['a', 1]]]] })).toBe('invalid_place polygons');
    expect(await code({ place_id: 'A', risk: 1, cell: '0180' })).toBe('invalid_place cell');
    expect(await code({ place_id: 'A', risk: 1, cell: null })).toBe('invalid_place cell');
    expect(await code({ ...circle, valid_until: 'soon' })).toBe('invalid_place valid_until');
    expect(await code(...Array.from({ length: 10_001 }, () => circle))).toBe('invalid_place ');
  });
});

describe('circleAround', () => {
  it('has its border at the radius, anywhere on Earth and across the antimeridian', () => {
    const degrees = (most: number) => fc.integer({ min: -most, max: most });
    fc.assert(
      fc.property(degrees(80), degrees(180), fc.integer({ min: 50, max: 5_000 }), (lat, lon, radiusM) => {
        const place = circleAround(lat, lon, radiusM);
        const fromMiddle = -metresToBorder(place, lat, lon);
        expect(fromMiddle).toBeGreaterThan(radiusM * 0.99);
        expect(fromMiddle).toBeLessThan(radiusM * 1.01);
      }),
    );
  });
});
