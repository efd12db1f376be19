import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryChangeLog } from '../../../tests/support/memory-change-log.ts';
import { columnsOfTable, planOf } from '../../../tests/support/subquery-plan.ts';
import type { LogRelation, Tuple } from '../../change-log/change-log.ts';
import { createPool } from '../../db/pool.ts';
import { createLogger } from '../../platform/logger.ts';
import { Barriers } from '../barrier.ts';
import { Dispatcher } from '../dispatcher.ts';
import { Gate } from '../../platform/gate.ts';
import { endOf } from '../log-offset.ts';
import { SessionWaiters } from '../waiters.ts';
import { loadGrammar } from '../where/parse-where.ts';
import { SharedAmount } from './memory-share.ts';
import { settle } from './follow-transaction.ts';
import { emptyStates } from './query-state.ts';
import { SubqueryStream } from './subquery-stream.ts';

const DOCS: LogRelation = {
  oid: 1,
  schema: 'public',
  table: 'docs',
  columns: columnsOfTable('docs').map((name, i) => {
    return { name, typeOid: 20 + i, typeModifier: -1, identity: true };
  }),
};

beforeAll(loadGrammar);

function start(bytes: { readonly ofOne: number; readonly ofAll: number }) {
  const changeLog = new MemoryChangeLog('epoch', 8n);
  const waiters = new SessionWaiters();
  const logger = createLogger('silent');
  const dispatcher = new Dispatcher({ changeLog, waiters, logger, onTableChanged: () => {} });
  const pendingBytes = new SharedAmount({ ...bytes, what: 'too much waits', things: 'changes' });
  const pool = createPool('postgres://127.0.0.1:1/none', 1, logger);
  const parts = {
    pool,
    changeLog,
    barriers: new Barriers(pool, changeLog),
    dispatcher,
    waiters,
    logger,
    gate: new Gate('moves', 1, 1),
    tailBudget: { maxBytes: 1 << 20, usedBytes: 0 },
    values: new SharedAmount({ ofOne: 10, ofAll: 10, what: 'too many values', things: 'values' }),
    pendingBytes,
    signal: new AbortController().signal,
  };
  const streams = ['people', 'teams'].map((table) => {
    return new SubqueryStream(planOf(`owner IN (SELECT id FROM ${table})`), parts, () => true);
  });
  onTestFinished(async () => {
    await dispatcher.close();
    for (const stream of streams) await stream.close();
  });
  const insert = async (lsn: bigint, row: Tuple) => {
    const change = { operation: 'insert', relation: DOCS, position: 0, old: null, new: row } as const;
    await changeLog.append({ lsn, xid: Number(lsn), changes: [change] });
    await changeLog.commit(lsn);
    await dispatcher.whenReached(lsn, AbortSignal.timeout(5_000));
  };
  return { streams, insert, pendingBytes, dispatcher, changeLog };
}

const PEOPLE: LogRelation = {
  oid: 2,
  schema: 'public',
  table: 'people',
  columns: columnsOfTable('people').map((name, i) => {
    return { name, typeOid: 20 + i, typeModifier: -1, identity: true };
  }),
};

describe('a shape with subqueries', () => {
  it('invariant 6: ends where more waits than it may hold, or than all of them may, and gives back what it held', async () => {
    const alone = start({ ofOne: 500, ofAll: 10_000 });
    await alone.insert(16n, ['1', '1', '1', '1', 'a']);
    expect(alone.streams.map(({ ended }) => ended)).toEqual([false, false]);
    expect(alone.pendingBytes.used).toBeGreaterThan(0);
    await alone.insert(24n, ['2', '1', '1', '1', 'a'.repeat(500)]);
    expect(alone.streams.map(({ ended }) => ended)).toEqual([true, true]);
    expect(alone.pendingBytes.used).toBe(0);

    const together = start({ ofOne: 500, ofAll: 500 });
    await together.insert(16n, ['1', '1', '1', '1', 'a'.repeat(100)]);
    expect(together.streams.map(({ ended }) => ended)).toEqual([false, true]);
  });

  it('invariant 6: stands where nothing of it is missing, and never further back than it stood', async () => {
    const { streams, insert, pendingBytes } = start({ ofOne: 10_000, ofAll: 10_000 });
    const [stream] = streams;
    expect(stream!.position).toBe(8n);
    stream!.begin(emptyStates(stream!.plan), endOf(8n));
    await insert(64n, ['1', '1', '1', '1', 'a']);
    expect(stream!.position).toBeGreaterThanOrEqual(63n);
    await expect.poll(() => stream!.position).toBe(64n);
    // Nobody owns it: it is no row of the shape, and nothing had to be looked up for it.
    expect([stream!.ended, stream!.tail.after(endOf(8n))]).toEqual([false, []]);
    streams[1]!.end('over');
    expect(pendingBytes.used).toBe(0);
  });

  it('invariant 5: follows nothing twice that its snapshot ends behind, though it is handed on only later', async () => {
    const { streams, changeLog, dispatcher } = start({ ofOne: 10_000, ofAll: 10_000 });
    const [stream] = streams;
    const row: Tuple = ['1', '1', 'a', 't'];
    const change = { operation: 'insert', relation: PEOPLE, position: 0, old: null, new: row } as const;
    const states = emptyStates(stream!.plan);
    const { set } = states[0]!;
    set.add(states[0]!.valueOf(row));
    settle(states);
    await changeLog.append({ lsn: 16n, xid: 16, changes: [change] });
    const committing = changeLog.commit(16n);
    // The log has the row, and so has the snapshot; the dispatcher has not come to it yet.
    expect([changeLog.position(), dispatcher.position]).toEqual([16n, 8n]);
    stream!.begin(states, endOf(16n));
    await committing;
    await dispatcher.whenReached(16n, AbortSignal.timeout(5_000));
    await stream!.close();
    set.remove(states[0]!.valueOf(row));
    expect(set.size).toBe(0);
  });

  it('invariant 6: is told to come back, and not that it is too large, where all of them together give too many values', () => {
    const { streams } = start({ ofOne: 10_000, ofAll: 10_000 });
    const begin = (stream: SubqueryStream, values: number) => {
      const states = emptyStates(stream.plan);
      for (let i = 0; i < values; i += 1) states[0]!.set.add({ key: String(i), texts: [String(i)] });
      settle(states);
      stream.begin(states, endOf(8n));
    };
    begin(streams[0]!, 6);
    expect(() => begin(streams[1]!, 6)).toThrow(expect.objectContaining({ code: 'busy', status: 503 }));
    expect(() => begin(streams[1]!, 11)).toThrow(expect.objectContaining({ code: 'shape_too_large' }));
  });
});
