import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { movableClock } from '../../tests/support/auth.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { endOf } from './log-offset.ts';
import { SnapshotWriter } from './snapshot-file.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import type { Snapshot } from './snapshot.ts';

const MIB = 1024 * 1024;

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-shelf-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function snapshotOf(dir: string, name: string, characters: number): Promise<Snapshot> {
  const writer = new SnapshotWriter(join(dir, name));
  for (let at = 0; at < characters; at += 1_000) {
    if (writer.add(JSON.stringify('x'.repeat(997)))) await writer.flush();
  }
  return { file: await writer.finish(), end: endOf(1n) };
}

it('invariant 6: snapshots make room in the order of their last use, and never one that is being sent', async () => {
  const dir = folder();
  const shelf = new SnapshotShelf(movableClock(), 3.5 * MIB);
  for (const name of ['a', 'b', 'c']) shelf.add(name, await snapshotOf(dir, name, MIB));
  const sending = shelf.body('a', 0)!;
  shelf.body('b', 0)!.release();
  shelf.add('d', await snapshotOf(dir, 'd', MIB));
  const found = () => ['a', 'b', 'c', 'd', 'e'].filter((name) => shelf.find(name) !== undefined);
  expect(found()).toEqual(['a', 'b', 'd']);
  shelf.add('e', await snapshotOf(dir, 'e', 2 * MIB));
  expect(found()).toEqual(['a', 'e']);
  await eventually(() => readdirSync(dir).toSorted().join('') === 'ae');
  expect(shelf.makeRoom()).toBe(true);
  let bytes = 0;
  for await (const piece of sending.pieces()) bytes += piece.length;
  sending.release();
  expect(bytes).toBe(sending.length);
  await shelf.close();
  expect([shelf.bytes, readdirSync(dir)]).toEqual([0, []]);
});

it('invariant 6: what is being sent counts until it is released, also when nobody finds it any more', async () => {
  const shelf = new SnapshotShelf(movableClock(), 100_000);
  const dir = folder();
  const bodies = [];
  for (const name of ['a', 'b']) {
    shelf.add(name, await snapshotOf(dir, name, 60_000));
    bodies.push(shelf.body(name, 0)!);
    shelf.remove(name);
  }
  expect(shelf.bytes).toBeGreaterThan(120_000);
  // Nothing can make room: no snapshot should be made now.
  expect(shelf.makeRoom()).toBe(false);
  for (const body of bodies) [body.release, body.release].forEach((release) => release());
  expect([shelf.bytes, shelf.makeRoom()]).toEqual([0, true]);
  await shelf.close();
});

it('lets a replaced snapshot go at once when it is one chunk, and else some time after its last use', async () => {
  const clock = movableClock();
  const shelf = new SnapshotShelf(clock, 100 * MIB);
  const dir = folder();
  shelf.add('one', await snapshotOf(dir, 'one', 1_000));
  const sending = shelf.body('one', 0)!;
  shelf.replace('one');
  expect(shelf.find('one')).toBeDefined();
  sending.release();
  expect(shelf.find('one')).toBeUndefined();

  shelf.add('two', await snapshotOf(dir, 'two', 11 * MIB));
  shelf.replace('two');
  const slow = shelf.body('two', 0)!;
  clock.advance(600_000);
  shelf.sweep();
  expect(shelf.find('two')).toBeDefined();
  slow.release();
  clock.advance(299_000);
  shelf.sweep();
  expect(shelf.find('two')).toBeDefined();
  clock.advance(2_000);
  shelf.sweep();
  expect([shelf.find('two'), shelf.bytes]).toEqual([undefined, 0]);
  await shelf.close();
});

it('makes room for the next snapshot, once nobody reads what had none beside it', async () => {
  const clock = movableClock();
  const dir = folder();
  const shelf = new SnapshotShelf(clock, MIB);
  shelf.add('a', await snapshotOf(dir, 'a', 0.8 * MIB));
  const sending = shelf.body('a', 0)!;
  shelf.add('b', await snapshotOf(dir, 'b', 0.8 * MIB));
  expect(shelf.makeRoom()).toBe(false);
  sending.release();
  clock.advance(1);
  expect(shelf.makeRoom()).toBe(true);
  expect(shelf.bytes).toBeLessThan(MIB);

  // One that is larger than all the space stays for as long as its reader may come for the next chunk.
  shelf.add('large', await snapshotOf(dir, 'large', 11 * MIB));
  shelf.body('large', 0)!.release();
  clock.advance(59_000);
  expect(shelf.makeRoom()).toBe(false);
  clock.advance(2_000);
  expect([shelf.makeRoom(), shelf.bytes]).toEqual([true, 0]);
  await shelf.close();
});
