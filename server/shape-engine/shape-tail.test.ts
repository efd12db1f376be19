import { describe, expect, it } from 'vitest';
import type { LogEntry } from './encoded-message.ts';
import { endOf } from './log-offset.ts';
import { ShapeTail } from './shape-tail.ts';
import type { TailBudget } from './shape-tail.ts';

const messages = (lsn: bigint, count: number): LogEntry[] =>
  Array.from({ length: count }, (_, op) => ({ offset: { kind: 'log', lsn, op }, bytes: Buffer.alloc(10) }));

describe('tails within one bound', () => {
  it('invariant 6: keep what a shape is told while another holds nearly all there may be', () => {
    const tails: ShapeTail[] = [];
    const budget: TailBudget = {
      maxBytes: 100,
      usedBytes: 0,
      largest: () => tails.toSorted((a, b) => b.bytes - a.bytes)[0],
    };
    tails.push(new ShapeTail(endOf(8n), budget), new ShapeTail(endOf(8n), budget));
    const [large, small] = tails as [ShapeTail, ShapeTail];
    large.append(16n, messages(16n, 10), true);
    for (const lsn of [24n, 32n]) {
      small.append(lsn, messages(lsn, 1), true);
      expect(small.after(endOf(8n)).at(-1)!.offset.lsn).toBe(lsn);
    }
    expect([small.from, small.bytes]).toEqual([endOf(8n), 20]);
    // Of the other one the oldest has gone.
    expect([large.from, large.bytes]).toEqual([{ kind: 'log', lsn: 16n, op: 1 }, 80]);
    expect(budget.usedBytes).toBe(100);
  });

  it('never hold more than the bound, and no tail more than its own', () => {
    const budget: TailBudget = { maxBytes: 100, usedBytes: 0, largest: () => undefined };
    const tail = new ShapeTail(endOf(8n), budget, 50);
    tail.append(16n, messages(16n, 7), true);
    expect([tail.bytes, budget.usedBytes, tail.from]).toEqual([50, 50, { kind: 'log', lsn: 16n, op: 1 }]);
    const other = new ShapeTail(endOf(8n), budget);
    other.append(16n, messages(16n, 12), true);
    expect([other.bytes, budget.usedBytes]).toEqual([50, 100]);
  });
});
