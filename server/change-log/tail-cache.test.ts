import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogChunk } from './change-log.ts';
import { TailCache } from './tail-cache.ts';

const chunk = (lsn: bigint): LogChunk => ({ lsn, xid: 1, changes: [], last: true });

describe('tail cache', () => {
  it('gives either everything after an LSN, or nothing', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5_000 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (transactions, at) => {
        const cache = new TailCache(100, 0n);
        transactions.forEach((bytes, n) => cache.add(BigInt(n + 1), [chunk(BigInt(n + 1))], bytes));
        const newest = transactions.length;
        const after = Math.max(0, newest - Math.floor(at * 8));
        const found = cache.after(BigInt(after));
        const wanted = Array.from({ length: newest - after }, (_, n) => BigInt(after + n + 1));
        if (found !== undefined) expect(found.map(({ lsn }) => lsn)).toEqual(wanted);
        const bytes = transactions.slice(after).reduce((sum, size) => sum + size, 0);
        expect(found !== undefined).toBe(bytes <= 100);
      }),
      { numRuns: 50 },
    );
  });

  it('begins again behind a transaction that is too large for it', () => {
    const cache = new TailCache(100, 0n);
    cache.add(1n, [chunk(1n)], 10);
    cache.add(2n, undefined, 1_000);
    cache.add(3n, [chunk(3n)], 101);
    expect(cache.after(2n)).toBeUndefined();
    expect(cache.after(3n)).toEqual([]);
  });
});
