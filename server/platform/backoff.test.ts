import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

it('never waits longer than its bound, nor less than nothing', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (attempt, dice) => {
        const delay = backoffDelayMs(attempt, { firstMs: 100, maxMs: 5_000 }, () => dice);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(5_000, 100 * 2 ** attempt));
      },
    ),
  );
});
