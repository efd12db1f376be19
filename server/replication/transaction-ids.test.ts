import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fullXid } from './transaction-ids.ts';

/** Postgres refuses to give out ids when the oldest one in use is so near to being 2³¹ behind. */
const POSTGRES_MARGIN = 3_000_000n;

it('invariant 5: whole ids are told from 32 bits, however far the ids have come and however late they commit', () => {
  const property = fc.property(
    fc.bigInt(3n, 2n ** 52n),
    fc.bigInt(0n, 2n ** 31n - POSTGRES_MARGIN),
    fc.bigInt(0n, 2n ** 31n - 1n),
    (next, behind, staleBy) => {
      // The newest id given out when the transaction is received, its own, and what we last knew of.
      const id = next - behind;
      const reference = next - staleBy;
      fc.pre(id >= 3n && reference >= 3n);
      expect(fullXid(Number(BigInt.asUintN(32, id)), reference)).toBe(id);
    },
  );
  fc.assert(property, {
    examples: [
      [2n ** 32n + 5n, 10n, 2n],
      [2n ** 33n, 0n, 2n ** 31n - 1n],
    ],
  });
});
