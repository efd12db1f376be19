/**
 * The files of a replica that is empty yet, made ahead of time, so that a device need not run initdb at its first start.
 * Packed, they are one line that names the format, a line of JSON, and then each distinct contents once: the three databases
 * that initdb makes are copies of each other.
 */
export interface PreparedReplica {
  /** Version of the PGlite that made it, as its own `version()` says it. */
  readonly pglite: string;
  /** Paths of all directories, each behind the one that it lies in. */
  readonly directories: readonly string[];
  readonly files: readonly PreparedFile[];
}

/** One file of it; those of equal contents may share their bytes. */
export interface PreparedFile {
  /** Within the replica's directory, with `/` between names. */
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
}

interface Header {
  readonly pglite: string;
  readonly directories: readonly string[];
  /** Bytes of each distinct contents, in the order in which they follow. */
  readonly contents: readonly number[];
  /** Path of each file, and which contents it has. */
  readonly files: readonly (readonly [path: string, contents: number])[];
}

const FORMAT = 'halo-replica 1\n';
const LINE_END = 10;
/** Most bytes of a packed replica, inflated: three times what there is today. */
export const MAX_PACKED_BYTES = 80 * 2 ** 20;
/** Most bytes of all files, the copies counted, too. */
const MAX_FILE_BYTES = 160 * 2 ** 20;
/** The names that Postgres gives: nothing that leads out of the directory. */
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.-]+(?:\/[\w.-]+)*$/;

/** Packs a replica; what comes out is meant to be gzipped. */
export function pack({ pglite, directories, files }: PreparedReplica): Uint8Array<ArrayBuffer> {
  const contents: Uint8Array[] = [];
  const known = new Map<number, number[]>();
  const named = files.map(({ path, contents: bytes }): [string, number] => {
    const alike = known.get(bytes.length) ?? [];
    known.set(bytes.length, alike);
    const found = alike.find((index) => areEqual(contents[index]!, bytes));
    if (found !== undefined) return [path, found];
    alike.push(contents.length);
    return [path, contents.push(bytes) - 1];
  });
  const header: Header = {
    pglite,
    directories,
    contents: contents.map(({ length }) => length),
    files: named,
  };
  return joined([new TextEncoder().encode(`${FORMAT}${JSON.stringify(header)}\n`), ...contents]);
}

/** The replica that was packed. Throws where the bytes are not what `pack` makes. */
export function unpack(bytes: Uint8Array<ArrayBuffer>): PreparedReplica {
  const format = new TextDecoder().decode(bytes.subarray(0, FORMAT.length));
  if (format !== FORMAT) throw new Error('this is not a prepared replica of this format');
  const end = bytes.indexOf(LINE_END, FORMAT.length);
  const { pglite, directories, contents, files } = headerOf(bytes.subarray(FORMAT.length, end));
  let at = end + 1;
  const parts = contents.map((length) => bytes.subarray(at, (at += length)));
  if (at !== bytes.length) throw new Error('the prepared replica is not as long as it says');
  const named = files.map(([path, index]) => ({ path, contents: parts[index] ?? missing(path) }));
  const total = named.reduce((sum, file) => sum + file.contents.length, 0);
  if (total > MAX_FILE_BYTES) throw new Error(`the prepared replica has ${total} bytes, too many`);
  return { pglite, directories, files: named };
}

function headerOf(line: Uint8Array): Header {
  const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)) as Header;
  const paths = [...header.directories, ...header.files.map(([path]) => path)];
  const foul = paths.find((path) => !PATH.test(path));
  if (foul !== undefined) throw new Error(`the prepared replica has a path ${JSON.stringify(foul)}`);
  if (typeof header.pglite !== 'string' || !header.contents.every((length) => Number.isSafeInteger(length)))
    throw new Error('the prepared replica does not say what it is');
  return header;
}

function missing(path: string): never {
  throw new Error(`the prepared replica has no contents for ${path}`);
}

const areEqual = (a: Uint8Array, b: Uint8Array) => a.every((byte, index) => byte === b[index]);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
