import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Removal } from '../../../auth/removal.ts';
import { directoryStore } from '../directory-store.ts';
import { newKey } from '../seal.ts';
import { listBackups } from '../shelf.ts';
import type { BackupStore } from '../store.ts';
import { listBooks, readBook, writeBook } from './book-shelf.ts';
import { MARGIN_MS, readRemovals } from './read-removals.ts';

const never = new AbortController().signal;
const [HOUSE, OTHER] = [crypto.randomUUID(), crypto.randomUUID()] as const;
const TAKEN_AT = new Date('2026-11-27T01:15:00Z');
const unreadable = { code: 'removals_unreadable' };

let dir: string;
let store: BackupStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-books-'));
  store = directoryStore(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const removal = (offsetMs: number): Removal => ({
  id: crypto.randomUUID(),
  userId: crypto.randomUUID(),
  at: new Date(TAKEN_AT.getTime() + offsetMs),
  kind: 'forgotten',
});
const asked = { house: HOUSE, takenAt: TAKEN_AT, encrypted: false };

it('tells of a house alone, and of what is later than the backup, or shortly before it', async () => {
  const [long, short, later] = [removal(-MARGIN_MS - 1), removal(-MARGIN_MS), removal(86_400_000)];
  await writeBook(store, HOUSE, [later], undefined, never);
  await writeBook(store, HOUSE, [long], undefined, never);
  await writeBook(store, HOUSE, [long, short], undefined, never);
  await writeBook(store, OTHER, [removal(1)], undefined, never);
  const found = await readRemovals(store, asked, undefined);
  expect(found.removals).toEqual([short, later]);
  expect((await listBooks(store, HOUSE)).map(({ until }) => until.getTime())).toEqual(
    [-MARGIN_MS, -MARGIN_MS, 86_400_000].map((ms) => TAKEN_AT.getTime() + ms),
  );
  expect(await listBackups(store)).toEqual([]);
});

it('reads with whichever key it was sealed for, and says so where there is none', async () => {
  const [former, present] = [await newKey(), await newKey()];
  const [one, two] = [removal(1_000), removal(2_000)];
  await writeBook(store, HOUSE, [one], former, never);
  await writeBook(store, HOUSE, [two], `${present}\n${former}`, never);
  const read = async (key: string | undefined) => (await readRemovals(store, asked, key)).removals;
  expect(await read(`${present}\n${former}`)).toEqual([one, two]);
  for (const key of [undefined, former, present]) await expect(read(key)).rejects.toMatchObject(unreadable);
  const files = readdirSync(dir).map((name) => readFileSync(join(dir, name)).toString('latin1'));
  expect(files.join('')).not.toContain(one.userId);
});

it.each([true, false])('is refused whichever byte is harmed (encrypted: %s)', async (encrypted) => {
  const key = encrypted ? await newKey() : undefined;
  await writeBook(store, HOUSE, [removal(1)], key, never);
  const [book] = await listBooks(store, HOUSE);
  const file = join(dir, book!.name);
  const whole = readFileSync(file);
  expect(await readBook(store, book!, key)).toHaveLength(1);
  for (let at = 10; at < whole.length; at += 13) {
    const harmed = Buffer.from(whole);
    harmed[at]! ^= 1;
    writeFileSync(file, harmed);
    await expect(readBook(store, book!, key), String(at)).rejects.toMatchObject(unreadable);
  }
  writeFileSync(file, whole.subarray(0, -1));
  await expect(readBook(store, book!, key)).rejects.toMatchObject(unreadable);
});

it('takes no book in the clear beside a backup that is encrypted: anybody could have laid it there', async () => {
  const key = await newKey();
  await writeBook(store, HOUSE, [removal(1)], undefined, never);
  await expect(readRemovals(store, { ...asked, encrypted: true }, key)).rejects.toMatchObject(unreadable);
  expect((await readRemovals(store, asked, key)).removals).toHaveLength(1);
});

it('passes over books from before the key where the backup is encrypted, and neither fails by them nor believes them', async () => {
  const key = await newKey();
  const [before, sealed] = [removal(-60_000), removal(-30_000)];
  await writeBook(store, HOUSE, [before], undefined, never);
  await writeBook(store, HOUSE, [sealed], key, never);
  const encrypted = { ...asked, encrypted: true };
  expect(await readRemovals(store, encrypted, key)).toEqual({ books: 1, removals: [sealed] });
  expect((await readRemovals(store, asked, key)).removals).toEqual([before, sealed]);
  // One of the very moment is not from before.
  await writeBook(store, HOUSE, [removal(0)], undefined, never);
  await expect(readRemovals(store, encrypted, key)).rejects.toMatchObject(unreadable);
});

it('looks again where a book has been put together with others meanwhile', async () => {
  await writeBook(store, HOUSE, [removal(1)], undefined, never);
  const before = await store.list();
  const [gone] = await listBooks(store, HOUSE);
  await store.remove(gone!.name);
  await writeBook(store, HOUSE, [removal(1), removal(2)], undefined, never);
  let looks = 0;
  const moving = { ...store, list: () => ((looks += 1) === 1 ? Promise.resolve(before) : store.list()) };
  expect((await readRemovals(moving, asked, undefined)).removals).toHaveLength(2);
});
