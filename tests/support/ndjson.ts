import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { HaloError, messageOf } from '../../server/platform/errors.ts';

/** The objects of a gzipped file with one JSON text a line. Fails with `archive_unreadable`. */
export function readNdjson<Item>(path: string): Item[] {
  return reading(path, () => linesOf(path).map((line) => JSON.parse(line) as Item));
}

/** The lines of a gzipped file. Fails with `archive_unreadable`. */
export function readLines(path: string): string[] {
  return reading(path, () => linesOf(path));
}

function linesOf(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
}

function reading<Read>(path: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    throw new HaloError('archive_unreadable', `The file ${path} cannot be read (${reason}).`, {
      hint: 'It is of the real data that lie beside the project, and must be there whole.',
      cause,
    });
  }
}
