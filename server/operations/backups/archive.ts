import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { headerSchema, manifestSchema } from './backup.ts';
import type { BackupContents, Header, Manifest } from './backup.ts';
import { damaged, entriesOf, piecesOf, tarOf } from './tar.ts';
import type { Entry } from './tar.ts';

/** Parts are cut into entries of this size, so that nobody has to hold more of one. */
const PIECE_BYTES = 4 * 1024 * 1024;
const HEADER_PATH = 'halo-backup.json';
const MANIFEST_PATH = 'manifest.json';

/** The bytes of an archive of a backup, neither compressed nor sealed. */
export function writeArchive(contents: BackupContents): AsyncIterable<Buffer> {
  return tarOf(entriesWithin(contents), contents.header.takenAt);
}

async function* entriesWithin({ header, parts, rows }: BackupContents): AsyncGenerator<Entry> {
  yield { path: HEADER_PATH, data: jsonOf(header) };
  const written: Manifest['parts'] = [];
  for await (const { name, bytes } of parts) {
    const hash = createHash('sha256');
    let length = 0;
    let number = 0;
    for await (const data of piecesOf(bytes, PIECE_BYTES)) {
      hash.update(data);
      length += data.length;
      number += 1;
      yield { path: `${name}/${String(number).padStart(6, '0')}`, data };
    }
    written.push({ name, bytes: length, sha256: hash.digest('hex') });
  }
  const manifest: Manifest = { parts: written, rows: rows() };
  yield { path: MANIFEST_PATH, data: jsonOf(manifest) };
}

/** Takes what an archive holds, part by part. */
export interface PartTaker {
  /** Called once, before all else. */
  begin?(header: Header): Promise<void>;
  /** Called for each piece, in order; the pieces of a part follow each other. */
  piece?(name: string, data: Buffer): Promise<void>;
}

/**
 * Reads a whole archive, giving its parts away and comparing each with what the manifest says was written.
 *
 * @throws HaloError `backup_damaged` where anything is missing, torn, changed, or of an unknown form
 */
export async function readArchive(
  bytes: AsyncIterable<Buffer>,
  taker: PartTaker,
): Promise<{ readonly header: Header; readonly manifest: Manifest }> {
  let header: Header | undefined;
  const found: { name: string; bytes: number; hash: Hash }[] = [];
  for await (const { path, data } of entriesOf(bytes)) {
    if (header === undefined) {
      if (path !== HEADER_PATH) throw damaged('it does not begin as one of Halo does');
      header = parsed(headerSchema, data);
      await taker.begin?.(header);
    } else if (path === MANIFEST_PATH) {
      const manifest = parsed(manifestSchema, data);
      compare(manifest, found);
      // To the end: what is compressed and sealed tells only there whether it is whole.
      for await (const _rest of bytes);
      return { header, manifest };
    } else {
      const name = path.slice(0, path.lastIndexOf('/'));
      let part = found.at(-1);
      if (part?.name !== name) found.push((part = { name, bytes: 0, hash: createHash('sha256') }));
      part.bytes += data.length;
      part.hash.update(data);
      await taker.piece?.(name, data);
    }
  }
  throw damaged('it has no manifest');
}

/** A table without rows, or a dump without bytes, leaves no entry. */
function compare({ parts }: Manifest, found: readonly { name: string; bytes: number; hash: Hash }[]): void {
  const expected = parts.filter(({ bytes }) => bytes > 0);
  const same = found.map(({ name, bytes, hash }) => ({ name, bytes, sha256: hash.digest('hex') }));
  const isSame =
    same.length === expected.length &&
    same.every(
      ({ name, bytes, sha256 }, index) =>
        expected[index]?.name === name &&
        expected[index].bytes === bytes &&
        expected[index].sha256 === sha256,
    );
  if (!isSame) throw damaged('its parts are not those that were written');
}

function parsed<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  data: Buffer,
): T {
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch {
    throw damaged('what describes it is no JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw damaged('what describes it is of a form that this version does not know');
  return result.data;
}

function jsonOf(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
}
