import { expect, it } from 'vitest';
import { arrangeAreas } from '../region/areas.ts';
import { placeName } from './incident.ts';

const area = (code: string, kind: string, name: string) => ({
  code,
  kind,
  name,
  parent_code: null,
  lat: 0,
  lon: 0,
});
const areas = arrangeAreas([
  area('01', 'county', 'Stockholms län'),
  area('0180', 'municipality', 'Stockholm'),
  area('0180A', 'district', 'Södermalm'),
]);
const at = (location_precision: string, municipality: string | null, district: string | null) =>
  placeName({ region: '01', municipality, district, location_precision }, areas);

it('says where it was as exactly as is known and no finer: the district where there is one', () => {
  expect(at('point', '0180', '0180A')).toBe('Södermalm, Stockholm');
  expect(at('point', '0180', null)).toBe('Stockholm');
  expect(at('point', '0180', 'unknown here')).toBe('Stockholm');
  expect(at('district', '0180', '0180A')).toBe('Somewhere in Södermalm, Stockholm');
  expect(at('municipality', '0180', null)).toBe('Somewhere in Stockholm');
  expect(at('county', null, null)).toBe('Somewhere in Stockholms län');
  expect(at('point', null, null)).toBe('Stockholms län');
});

it('says nothing of a place before the areas are read, and that it is unknown after', () => {
  const where = { region: '99', municipality: null, district: null, location_precision: 'point' };
  expect(placeName(where, arrangeAreas(undefined))).toBe('…');
  expect(placeName(where, areas)).toBe('Place unknown');
});
