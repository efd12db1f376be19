import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HaloError, messageOf } from '../../platform/errors.ts';
import { csvRows } from './csv-rows.ts';
import { geojsonRows } from './geojson-rows.ts';
import type { RowFile } from './row.ts';

const CHUNK_BYTES = 262_144;

/** A file of rows, with how far it is read. */
export interface OpenRowFile extends RowFile {
  /** Its size on disk in bytes, and how much of that was read. */
  readonly bytes: number;
  bytesRead(): number;
  close(): void;
}

/**
 * Opens a CSV or a GeoJSON FeatureCollection, gzipped or not: what it is is seen from its contents. It is read as it is
 * asked for, never as a whole. Fails with `import_file_unreadable`, with what `csvRows` and `geojsonRows` fail with, and, while
 * rows are read, with `import_file_damaged` or `import_not_utf8`.
 */
export async function openRowFile(path: string, delimiter: string): Promise<OpenRowFile> {
  const { bytes, isGzip } = await lookAt(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const texts = textsOf(isGzip ? unzipped(file) : file);
  const first = await texts.next();
  const beginning = first.done === true ? '' : first.value;
  const all = chained(beginning, texts);
  const isJson = beginning.trimStart().startsWith('{');
  const rows = await (isJson ? geojsonRows(all) : csvRows(all, delimiter));
  return { ...rows, bytes, bytesRead: () => file.bytesRead, close: () => void file.destroy() };
}

async function lookAt(path: string): Promise<{ bytes: number; isGzip: boolean }> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return { bytes: size, isGzip: buffer[0] === 0x1f && buffer[1] === 0x8b };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    throw new HaloError('import_file_unreadable', `The file ${path} cannot be read (${reason}).`, { cause });
  }
}

function unzipped(file: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Whoever reads it hears of errors.
  pipeline(file, gunzip, () => {});
  return gunzip;
}

async function* textsOf(stream: Readable): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array, isMore: boolean) => {
    try {
      return decoder.decode(bytes, { stream: isMore });
    } catch (cause) {
      throw new HaloError('import_not_utf8', 'The file is not in UTF-8.', {
        hint: 'Convert it, for instance with: iconv -f latin1 -t utf8',
        cause,
      });
    }
  };
  try {
    for await (const bytes of stream) {
      const text = decode(bytes as Uint8Array, true);
      if (text !== '') yield text;
    }
  } catch (cause) {
    if (cause instanceof HaloError) throw cause;
    throw new HaloError('import_file_damaged', `The file cannot be read to its end: ${messageOf(cause)}.`, {
      hint: 'Fetch it again, and give the same command: what was read is imported.',
      cause,
    });
  }
  decode(new Uint8Array(), false);
}

async function* chained(
  beginning: string,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  try {
    yield beginning;
    yield* rest;
  } finally {
    await rest.return();
  }
}
