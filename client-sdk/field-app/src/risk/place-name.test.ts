import { expect, it } from 'vitest';
import { arrangeAreas } from '../region/areas.ts';
import { placeName } from './place-name.ts';

const municipality = (code: string, name: string, lat: number, lon: number) => ({
  ...{ code, name, lat, lon },
  kind: 'municipality',
  parent_code: '01',
});
const areas = arrangeAreas([
  municipality('0180', 'Stockholm', 59.33, 18.07),
  municipality('0184', 'Solna', 59.36, 18.0),
]);
const cell = { place: '89088661dabffff', place_kind: 'cell-9', lat: 59.355, lon: 18.01 };

it('calls a cell by the nearest municipality, an area by its name, and neither by a guess', () => {
  expect(placeName(areas, cell)).toContain('Solna');
  expect(placeName(areas, { ...cell, lat: 59.32, lon: 18.1 })).toContain('Stockholm');
  expect(placeName(arrangeAreas([]), cell)).toContain('0.1 km²');
  const area = { place: '0184', place_kind: 'municipality', lat: 59.36, lon: 18 };
  expect(placeName(areas, area)).toBe('Solna');
  expect(placeName(arrangeAreas([]), area)).toBe('0184');
});
