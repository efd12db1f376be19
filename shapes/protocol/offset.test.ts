import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLogOffsets, formatOffset, parseOffset } from './offset.ts';
import type { LogOffset } from './offset.ts';

const logOffset: fc.Arbitrary<LogOffset> = fc.record({
  kind: fc.constant('log' as const),
  lsn: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
  op: fc.oneof(fc.nat(), fc.constant('end' as const)),
});

describe('offset', () => {
  it.each(['-1', 'now', '0_0', '0_17', '0_inf', '26842152_0', '26842152_inf', '18446744073709551615_4'])(
    'reads and writes %s unchanged',
    (text) => {
      const offset = parseOffset(text);
      expect(offset).toBeDefined();
      expect(formatOffset(offset!)).toBe(text);
    },
  );

  it.each([
    '',
    '1',
    '-2',
    '1_',
    '_1',
    '01_0',
    '1_01',
    '1_-1',
    '1_0 ',
    'inf',
    '18446744073709551616_0',
    '1e3_0',
  ])('refuses %j', (text) => {
    expect(parseOffset(text)).toBeUndefined();
  });

  it('orders by LSN, then operation, an end last', () => {
    fc.assert(
      fc.property(logOffset, logOffset, (a, b) => {
        expect(Math.sign(compareLogOffsets(a, b))).toBe(-Math.sign(compareLogOffsets(b, a)) + 0);
        if (a.lsn === b.lsn && a.op === 'end' && b.op !== 'end') {
          expect(compareLogOffsets(a, b)).toBeGreaterThan(0);
        }
        expect(compareLogOffsets(a, a)).toBe(0);
      }),
    );
  });
});
