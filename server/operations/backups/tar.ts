import { Header } from 'tar';
import { HaloError } from '../../platform/errors.ts';

const BLOCK = 512;
/** Entries are read whole; no archive of ours has larger ones. */
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;
const MODE = 0o600;

/** A file in an archive. */
export interface Entry {
  readonly path: string;
  readonly data: Buffer;
}

/** The bytes of an archive of these entries (POSIX tar, which any tool reads). */
export async function* tarOf(entries: AsyncIterable<Entry>, mtime: Date): AsyncGenerator<Buffer> {
  for await (const { path, data } of entries) {
    const header = new Header({ path, mode: MODE, size: data.length, mtime, type: 'File' });
    const block = Buffer.alloc(BLOCK);
    // True says that the name did not fit, and would have been cut.
    if (header.encode(block, 0)) throw new Error(`${path} is too long a name for an archive`);
    yield block;
    yield data;
    yield Buffer.alloc(paddingOf(data.length));
  }
  yield Buffer.alloc(2 * BLOCK);
}

/**
 * The entries of an archive, one after the other. Fails with `backup_damaged` where it is torn or is none.
 */
export async function* entriesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const reader = new Reader(bytes);
  for (;;) {
    const { nullBlock, cksumValid, path, size } = headerOf(await reader.take(BLOCK));
    if (nullBlock) return;
    if (!cksumValid || path === undefined || size === undefined) throw damaged('no entry begins here');
    if (size > MAX_ENTRY_BYTES) throw damaged('an entry is too large');
    const data = await reader.take(size);
    await reader.take(paddingOf(size));
    yield { path, data };
  }
}

function headerOf(block: Buffer): Header {
  try {
    return new Header(Buffer.from(block));
  } catch (cause) {
    // A number that none can be, looked at before the sum that tells of it.
    throw damaged('no entry begins here', cause);
  }
}

/** The same bytes in pieces of one size; the last may be shorter. */
export async function* piecesOf(bytes: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    held.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    let all = Buffer.concat(held, length);
    for (; all.length >= size; all = all.subarray(size)) yield all.subarray(0, size);
    held = all.length === 0 ? [] : [all];
    length = all.length;
  }
  if (length > 0) yield Buffer.concat(held, length);
}

/** Takes so many bytes at a time from a stream. */
class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(size: number): Promise<Buffer> {
    const held = [this.#rest];
    let length = this.#rest.length;
    while (length < size) {
      const next = await this.#source.next();
      if (next.done === true) throw damaged('it ends in the middle');
      held.push(next.value);
      length += next.value.length;
    }
    const all = held.length === 1 ? this.#rest : Buffer.concat(held, length);
    this.#rest = all.subarray(size);
    return all.subarray(0, size);
  }
}

/** The error for an archive that is not what was written. */
export function damaged(why: string, cause?: unknown): HaloError {
  return new HaloError('backup_damaged', `The backup is damaged: ${why}.`, {
    hint: 'Take another backup; nothing was changed.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
