import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasSharedData, sharedPath } from '../../tests/support/shared-data.ts';
import { seededRandom } from '../platform/seeded-random.ts';
import { createGazetteer } from './gazetteer.ts';
import { MAX_CENTRE_DISTANCE_M } from './nearest-centre.ts';

const gazetteer = createGazetteer();

describe('the built-in gazetteer', () => {
  it('holds 21 counties and 290 municipalities, each in the county that its code begins with', () => {
    const counties = gazetteer.all().filter(({ kind }) => kind === 'county');
    const municipalities = gazetteer.all().filter(({ kind }) => kind === 'municipality');
    expect([counties.length, municipalities.length]).toEqual([21, 290]);
    for (const { code, parentCode } of municipalities) {
      expect(parentCode).toBe(code.slice(0, 2));
      expect(gazetteer.byCode(code.slice(0, 2))?.kind).toBe('county');
    }
    expect(new Set(gazetteer.all().map(({ code }) => code)).size).toBe(311);
  });

  it.each([
    ['Upplands väsby', '0114'],
    ['Upplands-bro', '0139'],
    ['Dals-ed', '1438'],
    ['  östra\u00a0GÖINGE ', '1256'],
    ['Malmo\u0308', '1280'],
    ['Håbo', '0305'],
    ['Habo', '0643'],
    ['Gotland', '0980'],
  ])('finds the municipality %s', (name, code) => {
    expect(gazetteer.municipalityByName(name)?.code).toBe(code);
  });

  it.each([
    ['Stockholms län', '01'],
    ['STOCKHOLMS LÄN', '01'],
    ['Stockholm', '01'],
    ['Skåne län', '12'],
    ['Skåne', '12'],
    ['Västra Götalands', '14'],
    ['Gotlands län', '09'],
    ['Gotland', '09'],
  ])('finds the county %s', (name, code) => {
    expect(gazetteer.countyByName(name)?.code).toBe(code);
  });

  it('knows no place by half a name, another letter or the wrong kind', () => {
    for (const name of ['', 'Upplands', 'Malmo', 'Gotlands län', 'Stockholms län'])
      expect(gazetteer.municipalityByName(name)).toBeUndefined();
    for (const name of ['', 'län', 'Malmö', 'Skane län'])
      expect(gazetteer.countyByName(name)).toBeUndefined();
  });

  it('places a point by the nearest centre, says so, and places none beyond 150 km', () => {
    expect(gazetteer.areasOfPoint(59.3293, 18.0686)).toEqual({
      county: '01',
      municipality: expect.stringMatching(/^01/) as string,
      district: null,
      basis: 'nearest_centre',
    });
    expect(gazetteer.areasOfPoint(57.6348, 18.2948)?.municipality).toBe('0980');
    expect(gazetteer.areasOfPoint(52.52, 13.405)).toBeUndefined();
    expect(gazetteer.areasOfPoint(0, -180)).toBeUndefined();
  });

  it('agrees with the great-circle distance, by the haversine formula, all over the country', () => {
    const municipalities = gazetteer.all().filter(({ kind }) => kind === 'municipality');
    const random = seededRandom(7);
    for (let n = 0; n < 300; n += 1) {
      const [lat, lon] = [54 + 16 * random(), 9 + 17 * random()];
      const distances = municipalities.map((area) => haversineM(lat, lon, area.lat, area.lon));
      const least = Math.min(...distances);
      const expected =
        least < MAX_CENTRE_DISTANCE_M ? municipalities[distances.indexOf(least)]?.code : undefined;
      expect(gazetteer.areasOfPoint(lat, lon)?.municipality).toBe(expected);
    }
  });

  const boundaries = ['data', 'areas', 'sweden-municipalities.geojson'];
  it.skipIf(!hasSharedData(...boundaries))(
    'has each centre inside its own municipality, or by its shore',
    () => {
      const features = readFeatures(sharedPath(...boundaries));
      expect(features).toHaveLength(290);
      const outside = features.filter(({ properties, geometry }) => {
        const area = gazetteer.byCode(properties.code);
        expect(area?.name).toBe(properties.name);
        return !contains(geometry, area!.lon, area!.lat);
      });
      expect(outside.map(({ properties }) => properties.name)).toEqual([]);
    },
  );
});

function haversineM(latA: number, lonA: number, latB: number, lonB: number): number {
  const rad = Math.PI / 180;
  const across = Math.cos(latA * rad) * Math.cos(latB * rad) * Math.sin(((lonB - lonA) * rad) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(Math.sin(((latB - latA) * rad) / 2) ** 2 + across));
}

type Ring = [number, number][];
interface Feature {
  properties: { code: string; name: string };
  geometry: { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] };
}

function readFeatures(path: string): Feature[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { features: Feature[] }).features;
}

/** Even-odd rule over the rings of each part. */
function contains(geometry: Feature['geometry'], lon: number, lat: number): boolean {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return parts.some((rings) => rings.filter((ring) => crossings(ring, lon, lat) % 2 === 1).length % 2 === 1);
}

function crossings(ring: Ring, lon: number, lat: number): number {
  let count = 0;
  for (const [index, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(index + 1) % ring.length]!;
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) count += 1;
  }
  return count;
}
