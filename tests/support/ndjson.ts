import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The objects of a gzipped file with one JSON text a line. */
export function readNdjson<Item>(path: string): Item[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Item);
}
