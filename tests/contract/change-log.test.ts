import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ChangeLog,
  ChangeLogWriter,
  LogChange,
  LogRelation,
} from '../../server/change-log/change-log.ts';
import { openChangeLog } from '../../server/change-log/file-change-log.ts';
import { isHaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { MemoryChangeLog } from '../support/memory-change-log.ts';

type Log = ChangeLog & ChangeLogWriter;

const relation: LogRelation = {
  oid: 7,
  schema: 'public',
  table: 'things',
  columns: [{ name: 'id', typeOid: 23, typeModifier: -1, identity: true }],
};
const insert = (position: number): LogChange => ({
  operation: 'insert',
  relation,
  position,
  old: null,
  new: [String(position)],
});
const at = (lsn: bigint, op: number | 'end'): LogOffset => ({ kind: 'log', lsn, op });

async function fileLog(): Promise<Log> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-contract-'));
  const log = await openChangeLog({ dir, logger: createLogger('silent') });
  onTestFinished(async () => {
    await log.close();
    rmSync(dir, { recursive: true });
  });
  await log.reset('epoch', 100n);
  return log;
}

/** What is readable after `offset`, as `lsn.position` with `!` behind the end of each transaction. */
async function contents(log: ChangeLog, offset: LogOffset): Promise<string> {
  const found: string[] = [];
  for await (const { lsn, changes, last } of log.read(offset)) {
    found.push(...changes.map(({ position }) => `${lsn}.${position}`), ...(last ? ['!'] : []));
  }
  return found.join(' ');
}

describe.each<[string, () => Promise<Log>]>([
  ['in files', fileLog],
  ['in memory', async () => new MemoryChangeLog('epoch', 100n)],
])('a change log %s', (_, make) => {
  it('shows a transaction whole once it is committed, and nothing of one that was abandoned', async () => {
    const log = await make();
    await log.append({ lsn: 200n, xid: 5, changes: [insert(0), insert(2)] });
    await log.append({ lsn: 200n, xid: 5, changes: [insert(4)] });
    expect(await contents(log, at(100n, 'end'))).toBe('');
    await log.commit(200n);
    await log.append({ lsn: 300n, xid: 6, changes: [insert(0)] });
    log.abandon();
    await log.append({ lsn: 400n, xid: 7, changes: [insert(0)] });
    await log.commit(400n);
    expect(await contents(log, at(100n, 'end'))).toBe('200.0 200.2 200.4 ! 400.0 !');
    expect([log.start(), log.position()]).toEqual([100n, 400n]);
  });

  it('reads on from within a transaction, its end included', async () => {
    const log = await make();
    await log.append({ lsn: 200n, xid: 5, changes: [insert(0), insert(2)] });
    await log.append({ lsn: 200n, xid: 5, changes: [insert(4)] });
    await log.commit(200n);
    expect(await contents(log, at(200n, 0))).toBe('200.2 200.4 !');
    expect(await contents(log, at(200n, 1))).toBe('200.2 200.4 !');
    expect(await contents(log, at(200n, 2))).toBe('200.4 !');
    expect(await contents(log, at(200n, 'end'))).toBe('');
  });

  it('advances without transactions, tells its listeners, and wakes who waits', async () => {
    const log = await make();
    let advances = 0;
    const stop = log.onAdvance(() => (advances += 1));
    const reached = log.whenReached(250n, AbortSignal.timeout(10_000));
    await log.advance(200n);
    await log.advance(300n);
    await log.advance(150n);
    await reached;
    expect([log.position(), advances]).toEqual([300n, 2]);
    stop();
    await log.advance(400n);
    expect(advances).toBe(2);
    const left = new AbortController();
    const waiting = log.whenReached(500n, left.signal);
    left.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    expect(await log.sync()).toBeGreaterThanOrEqual(300n);
    expect(log.durable()).toBe(await log.sync());
  });

  it('has every transaction at or after an id behind offsetBefore, across turns of their low 32 bits', async () => {
    const log = await make();
    const ids = [4_294_967_290, 4_294_967_295, 4_294_967_299, 4_294_967_293, 8_589_934_597];
    for (const [i, xid] of ids.entries()) {
      const lsn = 200n + BigInt(i) * 100n;
      await log.append({ lsn, xid, changes: [insert(0)] });
      await log.commit(lsn);
    }
    const found: number[] = [];
    for await (const { xid } of log.read(log.offsetBefore(4_294_967_293))) found.push(xid);
    expect(found).toEqual(
      expect.arrayContaining([4_294_967_295, 4_294_967_299, 4_294_967_293, 8_589_934_597]),
    );
  });

  it('begins anew after a reset, and says what it does not cover', async () => {
    const log = await make();
    await log.append({ lsn: 200n, xid: 5, changes: [insert(0)] });
    await log.commit(200n);
    expect(log.covers(at(99n, 'end'))).toBe(false);
    expect(log.covers(at(100n, 'end'))).toBe(true);
    await log.reset('another', 1_000n);
    expect([log.epoch, log.start(), log.position()]).toEqual(['another', 1_000n, 1_000n]);
    expect(log.covers(at(200n, 0))).toBe(false);
    const refused = await contents(log, at(200n, 0)).catch((error: unknown) => error);
    expect(isHaloError(refused, 'offset_trimmed')).toBe(true);
    expect(await contents(log, at(1_000n, 'end'))).toBe('');
  });
});
