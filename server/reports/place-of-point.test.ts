import { cellToBoundary, latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { builtInAreas } from '../areas/area-set.ts';
import { createGazetteer } from '../areas/gazetteer.ts';
import { placeOfPoint } from './place-of-point.ts';
import { PUBLIC_RESOLUTION } from './public-point.ts';

it('says of all positions in a cell that they lie in the same areas, so that a border through it gives none away', () => {
  const [lat, lon] = [59.3326, 18.0649];
  const corners = cellToBoundary(latLngToCell(lat, lon, PUBLIC_RESOLUTION));
  // A district whose border crosses the cell from north to south.
  const outline = [[Float64Array.of(lon, 59, 19, 59, 19, 60, lon, 60, lon, 59)]];
  const code = '0180-east';
  const builtIn = builtInAreas();
  const gazetteer = createGazetteer({
    areas: [
      ...builtIn.areas,
      { code, kind: 'district', name: 'East', parentCode: '0180', lat: 59.5, lon: 18.5 },
    ],
    outlines: new Map([[code, outline]]),
  });
  const sides = new Set(corners.map((corner) => gazetteer.areasOfPoint(...corner)?.district));
  expect(sides.size).toBe(2);
  // A little towards the middle: a corner itself belongs to several cells.
  const inside = corners.map(([cornerLat, cornerLon]) => ({
    lat: lat + (cornerLat - lat) * 0.9,
    lon: lon + (cornerLon - lon) * 0.9,
    accuracyM: 5,
  }));
  expect(new Set(inside.map((point) => latLngToCell(point.lat, point.lon, PUBLIC_RESOLUTION))).size).toBe(1);
  const places = inside.map((point) => placeOfPoint(gazetteer, point));
  expect(new Set(places.map(({ district, municipality }) => `${district} ${municipality}`)).size).toBe(1);
  expect(places.map((place) => place.lat)).toEqual(inside.map((point) => point.lat));
});
