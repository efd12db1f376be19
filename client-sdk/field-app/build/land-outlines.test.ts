import type { Feature, FeatureCollection, Geometry, Position } from 'geojson';
import { feature } from 'topojson-client';
import { expect, it } from 'vitest';
import { outlines } from './land-outlines.ts';

const topology = outlines();
const land = feature(topology, topology.objects['countries']!) as FeatureCollection<Geometry>;

/** Whether a point lies within a ring: how often a line from it to the east crosses the ring. */
function inRing([lon = 0, lat = 0]: Position, ring: readonly Position[]): boolean {
  let crossings = 0;
  ring.forEach(([lonA = 0, latA = 0], index) => {
    const [lonB = 0, latB = 0] = ring[(index + 1) % ring.length] ?? [];
    if (latA > lat === latB > lat) return;
    if (lon < lonA + ((lat - latA) / (latB - latA)) * (lonB - lonA)) crossings += 1;
  });
  return crossings % 2 === 1;
}

function polygonsOf({ geometry }: Feature<Geometry>): readonly (readonly Position[][])[] {
  if (geometry.type === 'Polygon') return [geometry.coordinates];
  return geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
}

/** On how many countries' land a point lies. */
const landsAt = (point: Position) =>
  land.features.filter((country) => polygonsOf(country).some(([ring = []]) => inRing(point, ring))).length;

it.each([
  ['the Baltic off Stockholm', 19.5, 59.3, 0],
  ['the sea of Bothnia', 19, 61.8, 0],
  ['the Skagerrak', 9.5, 58.2, 0],
  ['the sea off Lofoten', 11, 67.5, 0],
  ['the bay of Bothnia', 23.5, 65.3, 0],
  ['the Gulf of Riga', 23.5, 57.6, 0],
  ['Östersund', 14.6, 63.2, 1],
  ['Tampere', 23.8, 61.5, 1],
  ['Moscow', 37.6, 55.8, 1],
])('the land of the map is land alone: %s', (_name, lon, lat, lands) => {
  expect(landsAt([lon, lat])).toBe(lands);
});
