import fc from 'fast-check';
import { expect, it } from 'vitest';
import { POLICY, superfluous } from './shelf-policy.ts';
import type { Kept } from './shelf-policy.ts';

const DAY_MS = 24 * 3_600_000;
/** A Friday. */
const NOW = new Date('2026-11-27T12:00:00Z');
const ago = (days: number, hours = 0) => new Date(NOW.getTime() - days * DAY_MS - hours * 3_600_000);
const backup = (takenAt: Date, verified = false): Kept => ({ id: takenAt.toISOString(), takenAt, verified });
const keptOf = (all: readonly Kept[]) => {
  const gone = new Set(superfluous(all, NOW));
  return all.filter((one) => !gone.has(one));
};

it('keeps the newest of seven days, four weeks and twelve months of nightly backups', () => {
  const nightly = Array.from({ length: 500 }, (_, day) => backup(ago(day)));
  expect(keptOf(nightly).map(({ id }) => id.slice(0, 10))).toEqual([
    // Seven days; the newest of this week is among them, and that of the last one, a Sunday.
    ...['2026-11-27', '2026-11-26', '2026-11-25', '2026-11-24', '2026-11-23', '2026-11-22', '2026-11-21'],
    // The Sundays of the two weeks before.
    ...['2026-11-15', '2026-11-08'],
    // The last days of the eleven months before.
    ...['2026-10-31', '2026-09-30', '2026-08-31', '2026-07-31', '2026-06-30', '2026-05-31', '2026-04-30'],
    ...['2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31'],
  ]);
});

it('keeps the newest of a day only, once it is a day', () => {
  const [morning, noon, evening] = [backup(ago(1, 8)), backup(ago(1, 4)), backup(ago(1, 1))];
  expect(superfluous([noon, morning, evening], NOW)).toEqual([noon, morning]);
});

it('removes nothing while none is taken', () => {
  const old = Array.from({ length: 7 }, (_, day) => backup(ago(400 + day)));
  expect(superfluous(old, NOW)).toEqual([]);
});

const anyBackup = fc
  .record({
    days: fc.integer({ min: -3, max: 900 }),
    hours: fc.integer({ min: 0, max: 23 }),
    verified: fc.boolean(),
  })
  .map(({ days, hours, verified }) => backup(ago(days, hours), verified));

it('never removes the newest, the newest that was verified, nor what claims to be of the future, whatever there is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyBackup, { selector: ({ id }) => id, maxLength: 80 }), (all) => {
      const gone = superfluous(all, NOW);
      const past = all.filter(({ takenAt }) => takenAt <= NOW);
      const newest = (some: readonly Kept[]) =>
        some.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime())[0];
      for (const one of [newest(past), newest(past.filter(({ verified }) => verified))])
        if (one !== undefined) expect(gone).not.toContain(one);
      expect(gone.filter(({ takenAt }) => takenAt > NOW)).toEqual([]);
      // What stays is bounded, whatever there was: the buckets, and the one that was verified.
      const stayed = past.length - gone.length;
      expect(stayed).toBeLessThanOrEqual(POLICY.daily + POLICY.weekly + POLICY.monthly + 2);
      // Asked again, nothing more goes.
      expect(
        superfluous(
          all.filter((one) => !gone.includes(one)),
          NOW,
        ),
      ).toEqual([]);
    }),
  );
});
