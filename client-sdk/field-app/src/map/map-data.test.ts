import { describe, expect, it } from 'vitest';
import type { MapIncident } from '../incidents/incident.ts';
import { areaSpots, groundCircle, pointSpots } from './features.ts';
import { clusterRadiusPx } from './incident-layers.ts';
import { declutter } from './labels.ts';

const incident = (id: string, changes: Partial<MapIncident> = {}): MapIncident => ({
  id,
  severity: 2,
  verification: 'unverified',
  lat: 59.3,
  lon: 18.1,
  location_precision: 'point',
  municipality: '0180',
  ...changes,
});

describe('spots', () => {
  it('gives each known spot its own circle, the gravest last and so on top', () => {
    const { features } = pointSpots([incident('a', { severity: 5 }), incident('b')]);
    expect(features.map(({ properties }) => properties.ids)).toEqual(['b', 'a']);
  });

  it('takes incidents of one area together and never draws them as spots', () => {
    const area = { location_precision: 'municipality', lat: 59.5, lon: 18.2 };
    const all = [incident('a', { ...area, severity: 4 }), incident('b', area), incident('c')];
    expect(pointSpots(all).features).toHaveLength(1);
    expect(areaSpots(all).features.map(({ properties }) => properties)).toEqual([
      { ids: 'a,b', count: 2, severity: 4, verification: 'unverified' },
    ]);
  });
});

describe('ten thousand incidents', () => {
  it('are as many spots, and an area of thousands names a bounded number of them', () => {
    const area = { location_precision: 'municipality' };
    const all = Array.from({ length: 10_000 }, (_, n) => incident(`${n}`, n % 2 === 0 ? area : {}));
    expect(pointSpots(all).features).toHaveLength(5_000);
    const [spot] = areaSpots(all).features;
    expect(spot?.properties.count).toBe(5_000);
    expect(spot?.properties.ids.split(',')).toHaveLength(100);
  });
});

describe('groundCircle', () => {
  it('is closed, and as wide as its radius says at any latitude', () => {
    const circle = groundCircle({ lat: 60, lon: 18 }, 1000).geometry.coordinates[0] ?? [];
    expect(circle[0]).toEqual(circle.at(-1));
    const lons = circle.map(([lon]) => lon ?? 0);
    const widthM = (Math.max(...lons) - Math.min(...lons)) * 111_195 * Math.cos(Math.PI / 3);
    expect(widthM).toBeCloseTo(2000, -1);
  });
});

describe('declutter', () => {
  it('keeps the first of those that would overlap', () => {
    const box = (x: number, y: number) => ({ x, y, width: 40, height: 10 });
    expect(declutter([box(0, 0), box(20, 5), box(100, 0), box(0, 30)])).toEqual([true, false, true, true]);
  });
});

describe('clusterRadiusPx', () => {
  it('grows in steps with the number of incidents', () => {
    expect([2, 9, 10, 99, 100, 999, 1_000, 10_000].map(clusterRadiusPx)).toEqual([
      15, 15, 18, 18, 22, 22, 27, 27,
    ]);
  });
});
