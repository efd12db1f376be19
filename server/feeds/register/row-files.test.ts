import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { FeatureSplitter } from './feature-splitter.ts';
import { geojsonRows } from './geojson-rows.ts';
import type { Row, RowFile } from './row.ts';

async function* texts(...all: string[]): AsyncGenerator<string> {
  yield* all;
}

async function rowsOf(file: Promise<RowFile>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of (await file).rows) rows.push(row);
  return rows;
}

const csv = (text: string, delimiter = ',') => rowsOf(csvRows(texts(text), delimiter));

describe('csvRows', () => {
  it('reads quotes, line ends within them, blank lines and a byte order mark', async () => {
    const rows = await csv('\ufeffid,text\r\n1,"a ""b"", c"\r\n\r\n2,"two\nlines"\n3,say "no"\n4,last');
    expect(rows.map(({ cells }) => cells)).toEqual([
      { id: '1', text: 'a "b", c' },
      { id: '2', text: 'two\nlines' },
      { id: '3', text: 'say "no"' },
      { id: '4', text: 'last' },
    ]);
    expect(rows.map(({ line }) => line)).toEqual([2, 5, 6, 7]);
  });

  it('says of a row with other cells than the header where it is, and goes on', async () => {
    expect(await csv('a;b\n1;2;3\n4\n5;6\n', ';')).toEqual([
      { line: 2, cells: {}, raw: ['1', '2', '3'], fault: 'row_malformed' },
      { line: 3, cells: {}, raw: ['4'], fault: 'row_malformed' },
      { line: 4, cells: { a: '5', b: '6' }, raw: ['5', '6'] },
    ]);
  });

  it.each([
    ['import_file_empty', ''],
    ['import_delimiter_wrong', 'id;lat;lon\n1;2;3\n'],
    ['import_quote_open', 'a,b\n1,2\n3,"4\n5,6\n'],
    ['import_quote_open', `a,b\n1,"${'x\n'.repeat(40_000)}"\n`],
  ])('fails with %s', async (code, text) => {
    await expect(csv(text)).rejects.toMatchObject({ code });
  });
});

const feature = (properties: object | null, coordinates: unknown = [18.07, 59.33], extra: object = {}) => ({
  type: 'Feature',
  ...extra,
  geometry: { type: 'Point', coordinates },
  properties,
});
const collection = (...features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features });

describe('geojsonRows', () => {
  it('makes cells of properties, the position and the id', async () => {
    const file = await geojsonRows(
      texts(
        collection(feature({ kind: 'fire', n: 3, none: null, list: [1] }, [18.07, 59.33, 12], { id: 7 })),
      ),
    );
    expect(file.columns).toEqual(['kind', 'n', 'none', 'list', 'id', 'lat', 'lon']);
    const rows = await rowsOf(Promise.resolve(file));
    expect(rows[0]?.cells).toEqual({
      kind: 'fire',
      n: '3',
      none: '',
      list: '[1]',
      id: '7',
      lat: '59.33',
      lon: '18.07',
    });
  });

  it('says what is no point, no feature or too large, and goes on', async () => {
    const line = { ...feature({}), geometry: { type: 'LineString', coordinates: [[1, 2]] } };
    const all = [feature({}), line, { type: 'Thing' }, feature({ text: 'x'.repeat(70_000) }), feature(null)];
    const rows = await rowsOf(geojsonRows(texts(collection(...all))));
    expect(rows.map(({ fault }) => fault)).toEqual([
      undefined,
      'not_a_point',
      'row_malformed',
      'row_too_large',
      undefined,
    ]);
    expect(rows.map(({ line: number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['import_no_features', '{"type":"Topology","objects":{"features":[{}]}}'],
    ['import_file_empty', collection()],
    ['import_file_damaged', collection(feature({}), feature({})).slice(0, -30)],
  ])('fails with %s', async (code, text) => {
    await expect(rowsOf(geojsonRows(texts(text)))).rejects.toMatchObject({ code });
  });

  it('finds every feature, wherever the text is cut and whatever stands in it', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const properties = fc.dictionary(fc.constantFrom('features', '"', '\\', '{', 'a]'), value);
    fc.assert(
      fc.property(
        fc.array(properties, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (all, cuts) => {
          const features = all.map((each) => feature(each));
          const text = JSON.stringify({
            a: { features: [1, {}] },
            'x": [': '"features":[',
            features,
            z: [{}],
          });
          const places = [0, ...cuts.map((cut) => cut % text.length), text.length].toSorted((a, b) => a - b);
          const splitter = new FeatureSplitter();
          const found = places.flatMap((from, at) => splitter.push(text.slice(from, places[at + 1] ?? from)));
          splitter.end();
          expect(found.map((each) => JSON.parse(each ?? 'null') as unknown)).toEqual(
            JSON.parse(JSON.stringify(features)),
          );
        },
      ),
    );
  });
});
