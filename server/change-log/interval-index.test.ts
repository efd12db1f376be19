import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalIndex } from './interval-index.ts';

const INTERVAL_BYTES = 64 * 1024;

describe('interval index', () => {
  it('never points behind a transaction that is asked for, by LSN or by id, however far apart the ids are', () => {
    const step = fc.record({
      lsnBy: fc.bigInt(1n, 50n),
      xidBy: fc.oneof(fc.integer({ min: -5, max: 9 }), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 33 + 7)),
      bytes: fc.integer({ min: 20, max: 50_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const index = new IntervalIndex(100n, 40);
        let at = { lsn: 100n, xid: 0xffff_fff8, end: 40 };
        const transactions = steps.map(({ lsnBy, xidBy, bytes }) => {
          const begins = at.end;
          at = { lsn: at.lsn + lsnBy, xid: at.xid + xidBy, end: at.end + bytes };
          index.add(at.lsn, at.xid, at.end);
          return { ...at, begins };
        });
        for (const { lsn, xid, begins } of transactions) {
          expect(index.offsetFor(lsn - 1n)).toBeLessThanOrEqual(begins);
          const before = index.before(xid);
          const wanted = transactions.filter((other) => other.xid >= xid);
          for (const other of wanted) expect(before).toBeLessThan(other.lsn);
          // Nor much before the first: what is older by whole turns of 32 bits is not taken for newer.
          const first = wanted[0]!;
          const older = transactions.filter((other) => other.end <= first.begins - INTERVAL_BYTES);
          for (const other of older) expect(before).toBeGreaterThanOrEqual(other.lsn);
        }
        expect(index.before(at.xid + 1_000)).toBeUndefined();
      }),
    );
  });
});
