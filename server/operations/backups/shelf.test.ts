import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { directoryStore } from './directory-store.ts';
import { listBackups, removeBackup, writeCard } from './shelf.ts';
import type { Card } from './backup.ts';
import { ARCHIVE_FORMAT, fileNames } from './backup.ts';

const never = new AbortController().signal;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-shelf-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Puts a backup of a day there. */
async function shelve(day: number): Promise<{ cardName: string; card: Card }> {
  const id = `00000000-0000-4000-8000-00000000000${day}`;
  const takenAt = new Date(Date.UTC(2026, 10, day, 1, 15));
  const { file, card: cardName } = fileNames(id, takenAt, false);
  const card: Card = {
    format: ARCHIVE_FORMAT,
    id,
    house: null,
    file,
    takenAt,
    method: 'copy',
    version: '0.1.0',
    postgres: 180_000,
    schema: '0038',
    encrypted: false,
    bytes: 1,
    sha256: '0'.repeat(64),
    rows: 0,
  };
  const store = directoryStore(dir);
  await store.write(file, Readable.from([Buffer.from('x')], { objectMode: false }), never);
  await writeCard(store, cardName, card, never);
  return { cardName, card };
}

it('lists the newest first, and leaves out what another instance removes while it looks', async () => {
  const [old, middle, young] = [await shelve(1), await shelve(2), await shelve(3)];
  const store = directoryStore(dir);
  expect(await listBackups(store)).toEqual([young, middle, old]);
  const listedBefore = await store.list();
  await removeBackup(store, middle);
  expect(await listBackups({ ...store, list: () => Promise.resolve(listedBefore) })).toEqual([young, old]);
  const removing = {
    ...store,
    async read(name: string) {
      const stream = await store.read(name);
      if (name === old.cardName) await removeBackup(store, old);
      return stream;
    },
  };
  expect(await listBackups(removing), 'what was opened is read to its end').toEqual([young, old]);
  expect(await listBackups(store)).toEqual([young]);
});

it('does not take a card that cannot be read for one that is not there', async () => {
  await shelve(1);
  const store = directoryStore(dir);
  const broken = { ...store, read: () => Promise.reject(new Error('the disk does not answer')) };
  await expect(listBackups(broken)).rejects.toThrow('the disk does not answer');
});
