import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, parseLsn } from './lsn.ts';

describe('LSN', () => {
  it('reads and writes the text that Postgres uses', () => {
    expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848n);
    expect(formatLsn(0x16_b374_d848n)).toBe('16/B374D848');
    expect(formatLsn(0n)).toBe('0/0');
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (lsn) => parseLsn(formatLsn(lsn)) === lsn));
  });

  it.each(['', '16', '16/', '16/G', '1/123456789', ' 16/1'])('refuses %j', (text) => {
    expect(() => parseLsn(text)).toThrowError(RangeError);
  });
});
