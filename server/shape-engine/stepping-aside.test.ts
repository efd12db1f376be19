import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryChangeLog } from '../../tests/support/memory-change-log.ts';
import { appendThings, thingsView } from '../../tests/support/things-log.ts';
import { createLogger } from '../platform/logger.ts';
import { catchUp } from './catch-up.ts';
import { ChecksumWalk } from './checksum-walk.ts';
import { Dispatcher } from './dispatcher.ts';
import { endOf } from './log-offset.ts';
import { makeSnapshot } from './snapshot.ts';
import { parseVisibility } from './visibility.ts';
import { SessionWaiters } from './waiters.ts';
import { loadGrammar } from './where/parse-where.ts';

/** One piece of the log, as large as pieces are. */
const ROWS = 1_000;
/** So many shapes, or so long a condition, that one piece is the work of several stretches. */
const SHAPES = 400;
/** So many transactions are passed over in several stretches. */
const TRANSACTIONS = 40_000;
const CONDITION = Array.from({ length: 400 }, (_, i) => `(n + ${i} < 0 AND grp LIKE 'x%')`).join(' OR ');

const piece = Array.from({ length: ROWS }, (_, i) => ({ old: null, new: [String(i), 'x', '1'] }));

/** How often others had their turn until `work` was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work().finally(() => (isDone = true));
  return turns;
}

beforeAll(loadGrammar);

/** A log of as many transactions as the work of several stretches is, each of one row, after 8. */
async function smallTransactions(): Promise<{ log: MemoryChangeLog; end: bigint }> {
  const log = new MemoryChangeLog('epoch', 8n);
  let lsn = 8n;
  for (let n = 0; n < TRANSACTIONS; n += 1) {
    lsn += 8n;
    await appendThings(log, lsn, [[{ old: null, new: [String(n), 'x', '1'] }]]);
  }
  return { log, end: lsn };
}

describe('long work lets others have their turn between transactions that it passes over', () => {
  it('when a checksum leaves out what came after it', async () => {
    const { log } = await smallTransactions();
    const { shape } = thingsView(null, 8n);
    const seen = parseVisibility('16:16:');
    const walk = new ChecksumWalk(shape, [], { seen, rows: 7, digest: 5n });
    const { signal } = new AbortController();
    let reached: unknown;
    const turns = await turnsDuring(async () => {
      reached = await walk.to(log, endOf(8n), endOf(8n), signal);
    });
    expect(reached).toEqual({ rows: 7, digest: 5n });
    expect(turns).toBeGreaterThan(2);
  });

  it('when a snapshot leaves out what its rows have seen', async () => {
    const { log, end } = await smallTransactions();
    const { shape } = thingsView(null, 8n);
    const seen = parseVisibility(`${end + 8n}:${end + 8n}:`);
    const context = {
      changeLog: log,
      signal: new AbortController().signal,
      rows: { read: () => Promise.resolve({ seen, scanFrom: endOf(8n) }) },
      barriers: { pass: () => Promise.resolve() },
    };
    let reached: unknown;
    const turns = await turnsDuring(async () => {
      reached = await makeSnapshot(context, shape, join(tmpdir(), crypto.randomUUID()));
    });
    expect(reached).toMatchObject({ end: endOf(end) });
    expect(turns).toBeGreaterThan(2);
  });
});

describe('long work lets others have their turn within one piece of the log', () => {
  it('when many shapes look at each change', async () => {
    const log = new MemoryChangeLog('epoch', 8n);
    const options = { logger: createLogger('silent'), onTableChanged: () => {} };
    const dispatcher = new Dispatcher({ ...options, changeLog: log, waiters: new SessionWaiters() });
    const views = Array.from({ length: SHAPES }, (_, i) => thingsView(`n < ${i} AND grp <> 'x'`, 8n));
    views.push(thingsView(null, 8n));
    views.forEach((view) => dispatcher.add(view));
    await appendThings(log, 16n, [piece]);
    const turns = await turnsDuring(async () => {
      while (dispatcher.position < 16n) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(turns).toBeGreaterThan(3);
    expect(views.at(-1)!.tail.after(endOf(8n))).toHaveLength(ROWS);
    expect(views[0]!.tail.after(endOf(8n))).toHaveLength(0);
    await dispatcher.close();
  });

  it('when one shape has a long condition and is read from the log', async () => {
    const log = new MemoryChangeLog('epoch', 8n);
    await appendThings(log, 16n, [piece]);
    const { translator } = thingsView(CONDITION, 8n);
    expect(await turnsDuring(() => catchUp(log, translator, endOf(8n), 1 << 20))).toBeGreaterThan(1);
  });
});
