import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalIndex } from './interval-index.ts';
import { compareXids } from './xid.ts';

describe('transaction ids', () => {
  it('are ordered on their circle', () => {
    expect(compareXids(5, 3)).toBeGreaterThan(0);
    expect(compareXids(3, 0xffff_fff0)).toBeGreaterThan(0);
    expect(compareXids(0xffff_fff0, 3)).toBeLessThan(0);
    expect(compareXids(7, 7)).toBe(0);
  });
});

describe('interval index', () => {
  it('never points behind a transaction that is asked for, by LSN or by id, across the end of the circle', () => {
    const step = fc.record({
      lsnBy: fc.bigInt(1n, 50n),
      xidBy: fc.integer({ min: -5, max: 9 }),
      bytes: fc.integer({ min: 20, max: 50_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const index = new IntervalIndex(100n, 40);
        let at = { lsn: 100n, xid: 0xffff_fff8, end: 40 };
        const transactions = steps.map(({ lsnBy, xidBy, bytes }) => {
          const begins = at.end;
          at = { lsn: at.lsn + lsnBy, xid: (at.xid + xidBy) >>> 0, end: at.end + bytes };
          index.add(at.lsn, at.xid, at.end);
          return { ...at, begins };
        });
        for (const { lsn, xid, begins } of transactions) {
          expect(index.offsetFor(lsn - 1n)).toBeLessThanOrEqual(begins);
          const before = index.before(xid);
          const wanted = transactions.filter((other) => compareXids(other.xid, xid) >= 0);
          for (const other of wanted) expect(before).toBeLessThan(other.lsn);
        }
        expect(index.before((at.xid + 1_000) >>> 0)).toBeUndefined();
      }),
    );
  });
});
