import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { entriesOf, tarOf } from './tar.ts';
import type { Entry } from './tar.ts';

const ENTRY: Entry = { path: 'tables/users', data: Buffer.from('a row\n') };
const HEADER_BYTES = 512;
const CHANGES = [1, 2, 4, 8, 16, 32, 64, 128, 255];

const streamOf = <T>(...items: T[]) => Readable.from(items, { objectMode: true }) as AsyncIterable<T>;

async function read(archive: Buffer): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const entry of entriesOf(streamOf(archive))) found.push(entry);
  return found;
}

it('refuses a header with any bit of it turned over, or all of a byte, or reads from it what was written', async () => {
  const pieces: Buffer[] = [];
  for await (const piece of tarOf(streamOf(ENTRY), new Date(0))) pieces.push(piece);
  const written = Buffer.concat(pieces);
  expect(await read(written)).toEqual([ENTRY]);
  let refused = 0;
  for (let at = 0; at < HEADER_BYTES; at++) {
    for (const by of CHANGES) {
      const harmed = Buffer.from(written);
      harmed[at]! ^= by;
      const found = await read(harmed).catch((error: unknown) => (error as { code?: unknown }).code);
      if (found === 'backup_damaged') refused += 1;
      // What fills the field of the sum itself may be one thing or another.
      else expect(found, `byte ${at} ^ ${by}`).toEqual([ENTRY]);
    }
  }
  expect(refused).toBeGreaterThanOrEqual((HEADER_BYTES - 8) * CHANGES.length);
});
