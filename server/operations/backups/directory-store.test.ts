import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fillDisk } from '../../../tests/support/full-disk.ts';
import { directoryStore } from './directory-store.ts';

const NAME = 'halo-20261127T011500Z-00000001.tar.gz';
const never = new AbortController().signal;
const bytes = (...texts: string[]) =>
  Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('puts a file there for its owner alone, and tells of it', async () => {
  const store = directoryStore(join(dir, 'a', 'b'));
  expect(await store.list()).toEqual([]);
  await store.write(NAME, bytes('one ', 'two'), never);
  expect(await store.list()).toEqual([{ name: NAME, bytes: 7 }]);
  expect(readFileSync(join(dir, 'a', 'b', NAME), 'utf8')).toBe('one two');
  expect([
    statSync(join(dir, 'a', 'b', NAME)).mode & 0o777,
    statSync(join(dir, 'a', 'b')).mode & 0o777,
  ]).toEqual([0o600, 0o700]);
  await store.remove(NAME);
  await store.remove(NAME);
  await expect(store.read(NAME)).rejects.toMatchObject({ code: 'backup_missing' });
});

it('leaves nothing behind of what came in part, was interrupted, or found no room', async () => {
  const store = directoryStore(dir);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('a half');
      throw new Error('the source broke');
    })(),
    { objectMode: false },
  );
  await expect(store.write(NAME, broken, never)).rejects.toThrow('the source broke');
  await expect(store.write(NAME, bytes('x'), AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
    'stopped',
  );
  writeFileSync(join(dir, 'halo-other'), '');
  await fillDisk(join(dir, 'halo-other'), 3);
  await expect(store.write(NAME, bytes('more than fits'), never)).rejects.toMatchObject({
    code: 'backup_place_full',
    field: 'HALO_BACKUP_DIR',
  });
  expect(readdirSync(dir)).toEqual(['halo-other']);
});

it('removes after a day what a killed process has left, and nothing that it does not know', async () => {
  const old = new Date(Date.now() - 25 * 3_600_000);
  for (const name of ['.halo-1.partial', '.halo-2.partial', '.other', 'notes.txt']) {
    writeFileSync(join(dir, name), 'x');
    if (name !== '.halo-2.partial') utimesSync(join(dir, name), old, old);
  }
  await directoryStore(dir).write(NAME, bytes('x'), never);
  expect(readdirSync(dir).toSorted()).toEqual(['.halo-2.partial', '.other', NAME, 'notes.txt'].toSorted());
});

it('says what is wrong with a place that cannot be a directory, and not where it is', async () => {
  writeFileSync(join(dir, 'file'), '');
  const failure = directoryStore(join(dir, 'file', 'in')).write(NAME, bytes('x'), never);
  await expect(failure).rejects.toMatchObject({
    code: 'backup_place_unwritable',
    message: 'The directory of backups cannot be written (ENOTDIR).',
  });
});

it('gives up a directory that cannot be made, which Node would try to make for ever', async () => {
  if (process.platform !== 'linux') return;
  await expect(directoryStore('/proc/nope/deep').write(NAME, bytes('x'), never)).rejects.toMatchObject({
    code: 'backup_place_unwritable',
  });
});
