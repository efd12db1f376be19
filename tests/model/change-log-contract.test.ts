import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog, ChangeLogWriter, LogChange } from '../../server/change-log/change-log.ts';
import { openChangeLog } from '../../server/change-log/file-change-log.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { MemoryChangeLog } from '../support/memory-change-log.ts';

type Log = ChangeLog & ChangeLogWriter;

/** Every implementation of the contract, at the epoch `one` and empty after LSN 100. */
const IMPLEMENTATIONS: Record<string, () => Promise<Log>> = {
  'in files': () => inFiles(32 * 1024 * 1024),
  'in files, read from disk': () => inFiles(0),
  'in memory': () => Promise.resolve(new MemoryChangeLog('one', 100n)),
};

async function inFiles(cacheBytes: number): Promise<Log> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-contract-'));
  const log = await openChangeLog({ dir, segmentBytes: 600, cacheBytes, logger: createLogger('silent') });
  await log.reset('one', 100n);
  onTestFinished(async () => {
    await log.close();
    rmSync(dir, { recursive: true });
  });
  return log;
}

const relation = { oid: 1, schema: 'public', table: 'things', columns: [] };
const changes = (from: number, to: number): LogChange[] => {
  const positions = Array.from({ length: to - from }, (_, n) => 2 * (from + n));
  return positions.map((position) => {
    return { operation: 'insert', relation, position, old: null, new: [String(position)] };
  });
};
const end = (lsn: bigint): LogOffset => ({ kind: 'log', lsn, op: 'end' });
async function commit(log: Log, lsn: bigint, rows = 1): Promise<void> {
  await log.append({ lsn, xid: Number(lsn), changes: changes(0, rows) });
  await log.commit(lsn);
}
/** What a reader gets, as `lsn/position`. */
async function read(log: Log, after: LogOffset): Promise<string[]> {
  const found: string[] = [];
  for await (const chunk of log.read(after)) {
    found.push(...chunk.changes.map(({ position }) => `${chunk.lsn}/${position}`));
  }
  return found;
}

describe.each(Object.entries(IMPLEMENTATIONS))('change log %s', (_, make) => {
  it('gives what was committed, in its order, after any offset', async () => {
    const log = await make();
    for (const lsn of [110n, 120n, 130n]) await commit(log, lsn, 2);
    expect(await read(log, end(100n))).toEqual(['110/0', '110/2', '120/0', '120/2', '130/0', '130/2']);
    expect(await read(log, end(115n))).toEqual(['120/0', '120/2', '130/0', '130/2']);
    expect(await read(log, { kind: 'log', lsn: 120n, op: 0 })).toEqual(['120/2', '130/0', '130/2']);
    expect(await read(log, end(130n))).toEqual([]);
    expect(log.position()).toBe(130n);
  });

  it('shows a transaction only once it is committed, and marks its last piece', async () => {
    const log = await make();
    await log.append({ lsn: 110n, xid: 7, changes: changes(0, 2) });
    await log.append({ lsn: 110n, xid: 7, changes: changes(2, 4) });
    expect(await read(log, end(100n))).toEqual([]);
    await log.commit(110n);
    const lasts: boolean[] = [];
    for await (const { last, xid } of log.read(end(100n))) {
      lasts.push(last);
      expect(xid).toBe(7);
    }
    expect(lasts).toEqual([false, true]);
  });

  it('forgets what is abandoned, and takes it again', async () => {
    const log = await make();
    await log.append({ lsn: 110n, xid: 7, changes: changes(0, 2) });
    log.abandon();
    await commit(log, 110n);
    expect(await read(log, end(100n))).toEqual(['110/0']);
  });

  it('moves its position without a transaction, never back, and tells those who wait', async () => {
    const log = await make();
    let told = 0;
    const stop = log.onAdvance(() => (told += 1));
    const waiting = log.whenReached(140n, new AbortController().signal);
    await log.advance(150n);
    await waiting;
    await log.advance(120n);
    expect(log.position()).toBe(150n);
    expect(told).toBe(1);
    stop();
    await commit(log, 160n);
    expect(told).toBe(1);
    expect(await log.sync()).toBe(160n);
    expect(log.durable()).toBe(160n);
  });

  it('gives an offset before every transaction with an id', async () => {
    const log = await make();
    for (const lsn of [110n, 120n, 130n]) await commit(log, lsn);
    expect(log.offsetBefore(120).lsn).toBeLessThan(120n);
    expect(log.covers(log.offsetBefore(120))).toBe(true);
  });

  it('begins again at a reset, and no longer covers what lay before', async () => {
    const log = await make();
    await commit(log, 110n);
    await log.append({ lsn: 120n, xid: 7, changes: changes(0, 2) });
    await log.reset('two', 200n);
    expect([log.epoch, log.start(), log.position(), log.durable()]).toEqual(['two', 200n, 200n, 200n]);
    expect([log.covers(end(110n)), log.covers(end(200n))]).toEqual([false, true]);
    await commit(log, 210n);
    expect(await read(log, end(200n))).toEqual(['210/0']);
    const before = async () => read(log, end(110n));
    await expect(before()).rejects.toMatchObject({ code: 'offset_trimmed' });
  });
});
