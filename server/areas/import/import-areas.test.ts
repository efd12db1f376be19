import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasSharedData, sharedPath } from '../../../tests/support/shared-data.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { createLogger } from '../../platform/logger.ts';
import { createGazetteer } from '../gazetteer.ts';
import { importAreas } from './import-areas.ts';

const dir = mkdtempSync(join(tmpdir(), 'halo-areas-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const logger = createLogger('silent');

type Position = readonly [lon: number, lat: number];
const square = ([west, south]: Position, size: number): Position[] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const polygon = (...rings: unknown[]) => ({ type: 'Polygon', coordinates: rings });
const feature = (properties: unknown, geometry: unknown) => ({ type: 'Feature', properties, geometry });
/** An outline around Stockholm's built-in centre, and one to its west. */
const STOCKHOLM = polygon(square([18, 59.2], 0.2));
const WEST_OF_IT = polygon(square([17.9, 59.2], 0.1));

let files = 0;
function fileOf(content: unknown): string {
  files += 1;
  const path = join(dir, `${files}.geojson`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const collection = (...features: unknown[]) => fileOf({ type: 'FeatureCollection', features });
const gazetteerOf = (...paths: string[]) => createGazetteer(importAreas(paths, logger));

describe('importAreas', () => {
  it('lays names and outlines over the built-in areas, and leaves their centres', () => {
    const before = createGazetteer().byCode('0180')!;
    const gazetteer = gazetteerOf(
      collection(feature({ code: '0180', name: 'Stockholms stad', county_code: '01' }, STOCKHOLM)),
    );
    expect(gazetteer.byCode('0180')).toEqual({ ...before, name: 'Stockholms stad' });
    expect(gazetteer.all()).toHaveLength(311);
    expect(gazetteer.areasOfPoint(59.3, 18.1)).toEqual({
      county: '01',
      municipality: '0180',
      district: null,
      basis: 'polygon',
    });
    expect(gazetteer.areasOfPoint(59.45, 18.1)?.basis).toBe('nearest_centre');
    expect(gazetteer.outlineOf('0180')).toHaveLength(1);
    expect(gazetteer.outlineOf('01')).toBeUndefined();
  });

  it('knows the properties of Statistics Sweden, and kinds that are said', () => {
    const gazetteer = gazetteerOf(
      collection(
        feature({ KnKod: '0180', KnNamn: 'Stockholm' }, STOCKHOLM),
        feature({ LnKod: '01', LnNamn: 'Stockholms län' }, polygon(square([17.5, 59], 1.5))),
        feature({ kind: 'district', code: '0207', name: 'Innerstad', parent: '0180' }, STOCKHOLM),
      ),
    );
    expect(['0180', '01', '0180-0207'].filter((code) => gazetteer.outlineOf(code) === undefined)).toEqual([]);
    expect(gazetteer.byCode('0180-0207')).toMatchObject({ kind: 'district', parentCode: '0180' });
  });

  it('takes a municipality and a county that are new, and puts a centre inside', () => {
    const gazetteer = gazetteerOf(
      collection(feature({ code: '9901', name: 'Nyköping-Väster' }, STOCKHOLM)),
      collection(feature({ code: '99', name: 'Nya länet' }, STOCKHOLM)),
    );
    expect(gazetteer.byCode('9901')).toMatchObject({ parentCode: '99', lat: 59.3, lon: 18.1 });
    expect(gazetteer.areasOfPoint(59.3, 18.1)).toMatchObject({ county: '99', municipality: '9901' });
  });

  it('gives a district to the municipality that it names, by code or name, or that holds most of it', () => {
    const district = (properties: object) =>
      feature({ name: 'SÖDRA ÅSEN', ...properties }, polygon(square([18.15, 59.25], 0.08)));
    const municipalities = collection(
      feature({ code: '0180', name: 'Stockholm' }, STOCKHOLM),
      feature({ code: '0182', name: 'Nacka' }, polygon(square([18.2, 59.2], 0.2))),
    );
    for (const said of [{ municipality_code: '0182' }, { municipality: 'NACKA ' }, { kommunkod: '0182' }]) {
      const gazetteer = gazetteerOf(municipalities, collection(district(said)));
      expect(gazetteer.byCode('0182-sodra-asen')).toMatchObject({ name: 'Södra Åsen', parentCode: '0182' });
    }
    const gazetteer = gazetteerOf(collection(district({ code: 'S7' })), municipalities);
    expect(gazetteer.byCode('0180-S7')?.parentCode).toBe('0180');
    // The finest outline decides, also where that of another municipality holds the point.
    expect(gazetteer.areasOfPoint(59.3, 18.22)).toEqual({
      county: '01',
      municipality: '0180',
      district: '0180-S7',
      basis: 'polygon',
    });
    expect(gazetteer.areasOfPoint(59.3, 18.25)).toMatchObject({ municipality: '0182', district: null });
  });

  it('looks for the nearest centre within the county whose outline holds the point', () => {
    // Around Södertälje's centre, and said to be Uppsala's county.
    const point = [59.1, 17.6] as const;
    expect(gazetteerOf().areasOfPoint(...point)?.county).toBe('01');
    const county = feature({ code: '03', name: 'Uppsala län' }, polygon(square([17.5, 59], 1.5)));
    expect(gazetteerOf(collection(county)).areasOfPoint(...point)).toMatchObject({
      county: '03',
      basis: 'nearest_centre',
    });
  });

  it('leaves areas as they are without files', () => {
    expect(gazetteerOf().all()).toEqual(createGazetteer().all());
  });
});

describe('a wrong file of areas', () => {
  const open = polygon(square([18, 59], 0.2).slice(0, 4));
  const named = { code: '0180', name: 'Stockholm' };
  it.each<[what: string, content: unknown, says: RegExp]>([
    ['no JSON', 'areas', /it is no JSON/],
    ['another document', { type: 'Topology' }, /no GeoJSON FeatureCollection/],
    [
      'metres',
      {
        type: 'FeatureCollection',
        features: [],
        crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3006' } },
      },
      /system urn:ogc:def:crs:EPSG::3006/,
    ],
    ['no feature', [{}], /feature 0: it is no GeoJSON Feature/],
    ['no name', [feature({ code: '0180' }, STOCKHOLM)], /feature 0: it has no usable name/],
    ['a long name', [feature({ code: '0180', name: 'å'.repeat(121) }, STOCKHOLM)], /no usable name/],
    [
      'a name that cannot be kept',
      [feature({ code: '0180', name: 'a\u0000b' }, STOCKHOLM)],
      /no usable name/,
    ],
    ['a number', [feature({ code: 180, name: 'Stockholm' }, STOCKHOLM)], /its property code is no text/],
    ['an unknown kind', [feature({ ...named, kind: 'parish' }, STOCKHOLM)], /"parish" is no kind/],
    ['a wrong code', [feature({ ...named, kind: 'county' }, STOCKHOLM)], /"0180" is no code of a county/],
    ['no code', [feature({ kind: 'county', name: 'Stockholms län' }, STOCKHOLM)], /a county needs a code/],
    [
      'another county',
      [feature({ ...named, county_code: '03' }, STOCKHOLM)],
      /says county 01, and a property 03/,
    ],
    ['no county', [feature({ code: '9801', name: 'Nowhere' }, STOCKHOLM)], /there is no county 98/],
    ['no geometry', [feature(named, null)], /it has no geometry/],
    ['a point', [feature(named, { type: 'Point', coordinates: [18, 59] })], /type Point has no area/],
    ['no rings', [feature(named, polygon())], /no list of rings/],
    ['an open ring', [feature(named, open)], /does not end where it begins/],
    ['a short ring', [feature(named, polygon(square([18, 59], 1).slice(0, 3)))], /fewer than four positions/],
    [
      'a text in a position',
      [
        feature(
          named,
          polygon([
            ['18', '59'],
            [1, 1],
            [2, 2],
            [1, 1],
          ]),
        ),
      ],
      /not two numbers/,
    ],
    ['metres in a position', [feature(named, polygon(square([674_000, 6_580_000], 10)))], /not on the globe/],
    [
      'the antimeridian',
      [
        feature(
          named,
          polygon([
            [179, 59],
            [-179, 59],
            [-179, 60],
            [179, 59],
          ]),
        ),
      ],
      /over the antimeridian/,
    ],
    ['swapped axes', [feature(named, polygon(square([59.2, 18], 0.2)))], /far from Stockholm/],
    [
      'a district of nowhere',
      [feature({ name: 'Södermalm' }, STOCKHOLM)],
      /nothing says in which municipality/,
    ],
    [
      'a district beside all',
      [feature(named, WEST_OF_IT), feature({ name: 'Södermalm' }, STOCKHOLM)],
      /feature 1 \("Södermalm"\): nothing says/,
    ],
    [
      'an unknown municipality',
      [feature({ name: 'Södermalm', municipality: 'Atlantis' }, STOCKHOLM)],
      /no municipality Atlantis/,
    ],
    [
      'no code from a name',
      [feature({ name: '東', municipality: 'Nacka' }, STOCKHOLM)],
      /no code can be made/,
    ],
    [
      'one code twice',
      [feature(named, STOCKHOLM), feature(named, STOCKHOLM)],
      /feature 1 \("Stockholm"\): the code 0180 is also that of .*, feature 0/,
    ],
  ])('is refused by name: %s', (_, content, says) => {
    const file = Array.isArray(content) ? collection(...(content as unknown[])) : fileOf(content);
    expect(() => importAreas([file], logger)).toThrowError(
      expect.objectContaining({
        code: 'areas_invalid',
        field: 'HALO_AREAS',
        message: expect.stringMatching(says) as string,
        hint: expect.stringMatching(/\w/) as string,
      }),
    );
    expect(() => importAreas([file], logger)).toThrowError(file);
  });

  it('is refused where it cannot be read', () => {
    const missing = join(dir, 'missing.geojson');
    expect(() => importAreas([missing], logger)).toThrowError(/missing\.geojson: it cannot be read \(ENOENT/);
    expect(() => importAreas([dir], logger)).toThrowError(/it cannot be read \(EISDIR/);
  });
});

const FILES = ['sweden-counties-scb', 'sweden-municipalities', 'stockholm-stadsdelar', 'malmo-delomraden'];
const paths = FILES.map((name) => ['data', 'areas', `${name}.geojson`] as const);

describe.skipIf(!paths.every((path) => hasSharedData(...path)))('the outlines of Sweden', () => {
  const set = importAreas(
    paths.map((path) => sharedPath(...path)),
    logger,
  );
  const gazetteer = createGazetteer(set);
  const ofKind = (wanted: string) => gazetteer.all().filter(({ kind }) => kind === wanted);

  it('are all taken, with the districts of two cities', () => {
    const counts = ['county', 'municipality', 'district'].map((kind) => ofKind(kind).length);
    expect(counts).toEqual([21, 290, 253]);
    expect(set.outlines.size).toBe(564);
    expect(gazetteer.byCode('0180-sodermalm')).toMatchObject({ name: 'Södermalm', parentCode: '0180' });
    expect(gazetteer.byCode('1280-24407')).toMatchObject({ name: 'Tygelsjö Vång', parentCode: '1280' });
  });

  it('place each municipality’s centre in itself, or by the nearest centre and say so; its county by its code', () => {
    for (const { code, lat, lon } of ofKind('municipality')) {
      const found = gazetteer.areasOfPoint(lat, lon);
      expect(found?.county).toBe(code.slice(0, 2));
      expect(found?.municipality).toBe(code);
      expect(['polygon', 'nearest_centre']).toContain(found?.basis);
    }
  });

  it('place each district’s centre in itself and in its municipality', () => {
    for (const { code, parentCode, lat, lon } of ofKind('district')) {
      expect(gazetteer.areasOfPoint(lat, lon)).toMatchObject({ district: code, municipality: parentCode });
    }
  });

  it('hold what the even-odd rule over all edges says they hold', () => {
    const random = seededRandom(11);
    const outlined = ofKind('municipality').toSorted((a, b) => (a.code < b.code ? -1 : 1));
    let [inside, outside] = [0, 0];
    for (let n = 0; n < 400; n += 1) {
      const [lat, lon] = [55 + 14 * random(), 11 + 13 * random()];
      const holder = outlined.find(({ code }) => holds(gazetteer.outlineOf(code)!, lat, lon));
      const found = gazetteer.areasOfPoint(lat, lon);
      if (found?.district != null) continue;
      if (holder === undefined) expect(found?.basis).not.toBe('polygon');
      else expect(found).toMatchObject({ municipality: holder.code, basis: 'polygon' });
      if (holder === undefined) outside += 1;
      else inside += 1;
    }
    expect(Math.min(inside, outside)).toBeGreaterThan(50);
  });
});

function holds(outline: readonly (readonly Float64Array[])[], lat: number, lon: number): boolean {
  let crossed = 0;
  for (const positions of outline.flat()) {
    for (let at = 0; at + 3 < positions.length; at += 2) {
      const [x1, y1, x2, y2] = [positions[at]!, positions[at + 1]!, positions[at + 2]!, positions[at + 3]!];
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) crossed += 1;
    }
  }
  return crossed % 2 === 1;
}
