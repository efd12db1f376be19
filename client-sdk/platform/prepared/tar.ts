import type { PreparedReplica } from './prepared-replica.ts';

const BLOCK = 512;
/** Two empty blocks end an archive. */
const END = 2 * BLOCK;
/** Longest path that fits a header without extensions. */
const MAX_PATH = 100;
const FILE = '0';
const DIRECTORY = '5';
/** Where a header's check sum stands, and its length; it is counted as if spaces stood there. */
const SUM = { at: 148, length: 8 };

/** The tar archive of a replica's files, which PGlite takes as `loadDataDir`. Throws where a path is too long for one. */
export function tarOf({ directories, files }: PreparedReplica): Uint8Array<ArrayBuffer> {
  const headers = BLOCK * (directories.length + files.length);
  const contents = files.reduce((sum, file) => sum + padded(file.contents.length), 0);
  const archive = new Uint8Array(headers + contents + END);
  let at = 0;
  for (const path of directories) {
    writeHeader(archive.subarray(at, at + BLOCK), path, DIRECTORY, 0);
    at += BLOCK;
  }
  for (const { path, contents: bytes } of files) {
    writeHeader(archive.subarray(at, at + BLOCK), path, FILE, bytes.length);
    archive.set(bytes, at + BLOCK);
    at += BLOCK + padded(bytes.length);
  }
  return archive;
}

const padded = (length: number) => Math.ceil(length / BLOCK) * BLOCK;

function writeHeader(block: Uint8Array, path: string, type: string, size: number): void {
  if (path.length > MAX_PATH) throw new Error(`the path ${path} is too long for an archive`);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  put(path, 0);
  put(type === DIRECTORY ? '0000700' : '0000600', 100);
  put('0000000', 108);
  put('0000000', 116);
  put(size.toString(8).padStart(11, '0'), 124);
  put('00000000000', 136);
  put(type, 156);
  put('ustar\u000000', 257);
  put(' '.repeat(SUM.length), SUM.at);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\u0000 `, SUM.at);
}
