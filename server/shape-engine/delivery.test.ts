import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { MemoryChangeLog } from '../../tests/support/memory-change-log.ts';
import { appendThings, thingsView, THINGS } from '../../tests/support/things-log.ts';
import type { LogChange, Tuple } from '../change-log/change-log.ts';
import { createLogger } from '../platform/logger.ts';
import { catchUp } from './catch-up.ts';
import { Dispatcher } from './dispatcher.ts';
import { endOf } from './log-offset.ts';
import { SharedMessages } from './encoded-message.ts';
import type { LogEntry } from './encoded-message.ts';
import type { ShapeView } from './shape-view.ts';
import { SessionWaiters } from './waiters.ts';
import { loadGrammar } from './where/parse-where.ts';

const CONDITIONS = [null, `grp = 'a'`, `grp IN ('a', 'b') AND n > 1`, 'n = 2', 'n <> 2', `grp IS NULL`];

/** Shapes of each condition that send the same columns, and ones that send others of the same changes. */
const DEFINITIONS = CONDITIONS.flatMap((where) =>
  [{}, { replica: 'full' as const }, { columns: ['id', 'n'] }].map((sending) => ({ where, sending })),
);
const viewOf = (definition: number, from: bigint) => {
  const { where, sending } = DEFINITIONS[definition]!;
  return thingsView(where, from, sending);
};

const text = ({ bytes }: LogEntry) => bytes.toString();
const tuple: fc.Arbitrary<Tuple> = fc.tuple(
  fc.constantFrom('1', '2', '3'),
  fc.constantFrom('a', 'b', 'c', null),
  fc.constantFrom('1', '2', '3', null),
);
const change = fc
  .record({ old: fc.option(tuple), new: fc.option(tuple) })
  .filter((each) => each.old !== null || each.new !== null);
const transactions = fc.array(
  fc.record({
    pieces: fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 3 }),
    join: fc.nat(DEFINITIONS.length - 1),
  }),
  { maxLength: 12 },
);

const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeAll(loadGrammar);

describe('delivery', () => {
  it('invariant 6: what is delivered live and what is read from the log are the same messages, from any place', async () => {
    const property = fc.asyncProperty(
      transactions,
      fc.integer({ min: 1, max: 400 }),
      async (given, maxBytes) => {
        const log = new MemoryChangeLog('epoch', 8n);
        const dispatcher = new Dispatcher({
          changeLog: log,
          waiters: new SessionWaiters(),
          logger: createLogger('silent'),
          onTableChanged: () => {},
        });
        const early = DEFINITIONS.map((_, i) => viewOf(i, log.position()));
        early.forEach((each) => dispatcher.add(each));
        const late: { view: ShapeView; definition: number }[] = [];
        for (const [i, { pieces, join }] of given.entries()) {
          await appendThings(log, BigInt(16 + i * 8), pieces);
          if (i % 2 === 0) await settled();
          const added = viewOf(join, 0n);
          added.tail.restart(dispatcher.startingPoint());
          dispatcher.add(added);
          late.push({ view: added, definition: join });
        }
        while (dispatcher.position !== log.position()) await settled();
        await dispatcher.close();
        for (const [definition, live] of early.entries()) {
          const delivered = live.tail.after(endOf(8n));
          const whole = await catchUp(log, live.translator, endOf(8n), Infinity);
          expect(whole).not.toBe('ended');
          if (whole === 'ended') return;
          expect(delivered.map(text)).toEqual(whole.entries.map(text));
          expect(await inParts(log, live, maxBytes)).toEqual(whole.entries.map(text));
          for (const joined of late.filter((each) => each.definition === definition)) {
            const { from } = joined.view.tail;
            const rest = whole.entries.filter(({ offset }) => compareLogOffsets(offset, from) > 0);
            expect(joined.view.tail.after(from).map(text)).toEqual(rest.map(text));
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('writes no messages of a transaction that is read from the log again, and ends where it does all the same', () => {
    const words = 'x'.repeat(10_000);
    const insert = (row: number) =>
      ({ operation: 'insert', old: null, new: [String(row), words, '1'] }) as const;
    const take = (changes: readonly LogChange[]) => {
      const live = thingsView(null, 8n);
      const writes = vi.spyOn(live.translator, 'messagesOf');
      const went = changes.map((each) => live.take(each, 16n, 7, new SharedMessages()));
      return { live, went, writes: writes.mock.calls.length };
    };
    const whole = take(large(1_000, insert));
    expect(whole.went.every((each) => each)).toBe(true);
    // A mebibyte of them, after which the others are of no use.
    expect(whole.writes).toBeLessThan(150);
    expect(whole.live.commit()).toBe(true);
    expect(whole.live.tail.from).toEqual(endOf(16n));
    const truncated = large(1_000, (row) =>
      row === 900 ? { operation: 'truncate', old: null, new: null } : insert(row),
    );
    const { went, live } = take(truncated.slice(0, 901));
    expect([went.slice(0, -1).every((each) => each), went.at(-1)]).toEqual([true, false]);
    expect(live.continuesAt({ kind: 'log', lsn: 16n, op: 1_798 })).toBe(false);
  });

  it('tells clients the low 32 bits of a transaction’s id, as Postgres shows them', () => {
    const live = thingsView(null, 8n);
    const insert = { operation: 'insert', position: 0, old: null, new: ['1', null, null] } as const;
    live.take({ ...insert, relation: THINGS }, 16n, 3 * 2 ** 32 + 7, new SharedMessages());
    live.commit();
    expect(live.tail.after(endOf(8n)).map(text)).toEqual([expect.stringContaining('"txids":[7]')]);
  });

  it('invariant 6: a tail that is full forgets its oldest messages and says from where it is complete', async () => {
    const log = new MemoryChangeLog('epoch', 8n);
    const live = thingsView(null, 8n);
    const big = 'x'.repeat(300_000);
    for (let i = 0; i < 8; i += 1) {
      const lsn = BigInt(16 + i * 8);
      await appendThings(log, lsn, [[{ old: null, new: [String(i), big, null] }]]);
      for await (const chunk of log.read(live.tail.from)) {
        if (chunk.lsn !== lsn) continue;
        for (const each of chunk.changes) live.take(each, chunk.lsn, chunk.xid, new SharedMessages());
        live.commit();
      }
    }
    expect(live.tail.from.lsn).toBeGreaterThan(8n);
    expect(live.tail.hasAfter(endOf(8n))).toBe(true);
    const kept = live.tail.after(live.tail.from);
    expect(kept.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(1024 * 1024);
    const read = await catchUp(log, live.translator, live.tail.from, Infinity);
    expect(read === 'ended' ? [] : read.entries.map(text)).toEqual(kept.map(text));
  });
});

/** A transaction of `rows` inserts that together are far larger than what a view holds of one that is open. */
function large(rows: number, change: (row: number) => Pick<LogChange, 'operation' | 'old' | 'new'>) {
  return Array.from({ length: rows }, (_, row): LogChange => ({
    ...change(row),
    relation: THINGS,
    position: 2 * row,
  }));
}

/** Follows the log in answers of at most about `maxBytes`. */
async function inParts(log: MemoryChangeLog, live: ShapeView, maxBytes: number): Promise<string[]> {
  const texts: string[] = [];
  let offset = endOf(8n);
  for (;;) {
    const part = await catchUp(log, live.translator, offset, maxBytes);
    if (part === 'ended') throw new Error('the shape ended');
    texts.push(...part.entries.map(text));
    if (part.upToDate) return texts;
    expect(compareLogOffsets(part.end, offset)).toBeGreaterThan(0);
    offset = part.end;
  }
}
