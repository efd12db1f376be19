import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { THINGS } from '../../tests/support/things-log.ts';
import { createLogger } from '../platform/logger.ts';
import type { LogChange } from './change-log.ts';
import { openChangeLog } from './file-change-log.ts';
import { Waypoints } from './waypoints.ts';

it('finds the last place before a change of the same transaction, and none in another', () => {
  const points = new Waypoints();
  const mib = 1024 * 1024;
  points.pass(5n, 10, mib);
  points.pass(5n, 20, mib + 1);
  points.pass(5n, 30, 2 * mib);
  points.pass(7n, 4, 3 * mib);
  expect([9, 10, 29, 30, 99].map((position) => points.find(5n, position))).toEqual([
    undefined,
    mib,
    mib,
    2 * mib,
    2 * mib,
  ]);
  expect(points.find(6n, 50)).toBe(undefined);
});

it('invariant 6: a large transaction read from within is the same, whoever has read it before', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-waypoints-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  // Without a cache everything is read from the file.
  const log = await openChangeLog({ dir, logger: createLogger('silent'), cacheBytes: 0 });
  onTestFinished(() => log.close());
  await log.reset('epoch', 1n);
  const row = (n: number): LogChange => {
    const values = [String(n), 'x'.repeat(1_000), '1'];
    return { operation: 'insert', relation: THINGS, position: 2 * n, old: null, new: values };
  };
  const rows = 6_000;
  for (let from = 0; from < rows; from += 500) {
    await log.append({ lsn: 8n, xid: 1, changes: Array.from({ length: 500 }, (_, i) => row(from + i)) });
  }
  await log.commit(8n);
  await log.append({ lsn: 16n, xid: 2, changes: [row(0)] });
  await log.commit(16n);
  const after = async (op: number | 'end') => {
    const found: string[] = [];
    for await (const { lsn, changes, last } of log.read({ kind: 'log', lsn: op === 'end' ? 1n : 8n, op })) {
      for (const { position } of changes) found.push(`${lsn}/${position}`);
      if (last) found.push('end');
    }
    return found;
  };
  const places = [0, 998, 1_000, 5_432, 2 * rows - 3, 2 * rows - 2];
  const before = [];
  for (const place of places) before.push(await after(place));
  const whole = await after('end');
  expect(whole).toHaveLength(rows + 3);
  for (const [index, place] of places.entries()) {
    const wanted = whole.slice(place / 2 + 1).filter((each) => each !== 'end');
    for (const found of [before[index]!, await after(place)]) {
      expect(found.filter((each) => each !== 'end')).toEqual(wanted);
    }
  }
});
