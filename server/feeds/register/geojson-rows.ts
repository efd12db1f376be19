import { z } from 'zod';
import { HaloError } from '../../platform/errors.ts';
import { FeatureSplitter } from './feature-splitter.ts';
import type { RejectReason, Row, RowFile } from './row.ts';

const featureSchema = z.object({
  type: z.literal('Feature'),
  id: z.union([z.string(), z.number()]).optional(),
  properties: z.record(z.string(), z.unknown()).nullable(),
  geometry: z.object({ type: z.string(), coordinates: z.unknown().optional() }).nullable(),
});
const positionSchema = z.tuple([z.number(), z.number()]).rest(z.number());

/** Properties may be absent from a feature: the columns are those of the first so many. */
const FEATURES_LOOKED_AT = 100;

/**
 * The features of a GeoJSON FeatureCollection as rows: its properties as cells, `lat` and `lon` from its point, and `id`
 * from the feature unless a property is called so. Fails with `import_no_features` or `import_file_damaged`.
 */
export async function geojsonRows(texts: AsyncIterable<string>): Promise<RowFile> {
  const rows = rowsOf(texts);
  const first: Row[] = [];
  while (first.length < FEATURES_LOOKED_AT) {
    const { value, done } = await rows.next();
    if (done === true) break;
    first.push(value);
  }
  if (first.length === 0) throw new HaloError('import_file_empty', 'The file has no features.');
  const columns = [...new Set(first.flatMap(({ cells }) => Object.keys(cells)))];
  return { columns, rawColumns: ['feature'], rows: chained(first, rows) };
}

async function* chained(
  first: readonly Row[],
  rest: AsyncGenerator<Row, void, undefined>,
): AsyncGenerator<Row, void, undefined> {
  try {
    yield* first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

async function* rowsOf(texts: AsyncIterable<string>): AsyncGenerator<Row, void, undefined> {
  const splitter = new FeatureSplitter();
  let line = 0;
  for await (const text of texts)
    for (const feature of splitter.push(text)) {
      line += 1;
      yield rowOf(line, feature);
    }
  splitter.end();
}

function rowOf(line: number, feature: string | undefined): Row {
  const broken = (fault: RejectReason): Row => ({ line, cells: {}, raw: [feature ?? ''], fault });
  if (feature === undefined) return broken('row_too_large');
  let json: unknown;
  try {
    json = JSON.parse(feature);
  } catch {
    return broken('row_malformed');
  }
  const parsed = featureSchema.safeParse(json);
  if (!parsed.success) return broken('row_malformed');
  const { id, properties, geometry } = parsed.data;
  const position = positionSchema.safeParse(geometry?.coordinates);
  if (geometry !== null && (geometry.type !== 'Point' || !position.success)) return broken('not_a_point');
  const [lon, lat] = position.data ?? ['', ''];
  const cells = Object.fromEntries(
    Object.entries(properties ?? {}).map(([key, value]) => [key, textOf(value)]),
  );
  const own = id === undefined || 'id' in cells ? {} : { id: String(id) };
  return { line, cells: { ...cells, ...own, lat: String(lat), lon: String(lon) }, raw: [feature] };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
