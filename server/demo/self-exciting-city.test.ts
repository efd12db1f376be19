import { expect, it } from 'vitest';
import { seededRandom } from '../platform/seeded-random.ts';
import { simulateCity } from './self-exciting-city.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEKS = 60;
const RULES = {
  centre: { lat: 59.33, lon: 18.06 },
  resolution: 9,
  rings: 3,
  backgroundPerDay: 12,
  offspring: 0.35,
  meanDelayDays: 4,
  days: WEEKS * 7,
};

/** What was expected at the beginning of each week, and what came, by quarter of the day. */
function expectedAndSeen(from: Date) {
  const city = simulateCity({ ...RULES, from }, seededRandom(3));
  const expected = [0, 0, 0, 0];
  const seen = [0, 0, 0, 0];
  const quarterOf = (ms: number) => Math.floor((ms % DAY_MS) / (6 * HOUR_MS));
  // Whole quarters: the first week begins with the first of them.
  const startMs = Math.ceil(from.getTime() / DAY_MS) * DAY_MS;
  for (let week = 0; week < WEEKS - 1; week += 1) {
    const knownMs = startMs + week * 7 * DAY_MS;
    for (let window = 0; window < 28; window += 1) {
      const windowMs = knownMs + window * 6 * HOUR_MS;
      city.cells.forEach((_, cell) => {
        expected[quarterOf(windowMs)]! += city.expected(cell, windowMs, knownMs);
      });
    }
  }
  const endMs = startMs + (WEEKS - 1) * 7 * DAY_MS;
  for (const { atMs } of city.incidents) if (atMs >= startMs && atMs < endMs) seen[quarterOf(atMs)]! += 1;
  return { expected, seen };
}

it.each(['2024-01-01T00:00:00Z', '2024-01-01T11:00:00Z'])(
  'as much happens in each quarter of the day as is expected, in a city from %s',
  (from) => {
    const { expected, seen } = expectedAndSeen(new Date(from));
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    // Some 7,500 incidents that come in clusters: chance has 2 % of them, and of a quarter's 4.
    expect(sum(seen) / sum(expected)).toBeGreaterThan(0.95);
    expect(sum(seen) / sum(expected)).toBeLessThan(1.05);
    expected.forEach((count, quarter) => {
      expect(seen[quarter]! / count).toBeGreaterThan(0.9);
      expect(seen[quarter]! / count).toBeLessThan(1.1);
    });
  },
);

it('what is yet to come leads to more', () => {
  const from = new Date('2024-01-01T00:00:00Z');
  // One cell: all that an incident leads to comes in it. Without chance: rates only.
  const city = simulateCity({ ...RULES, rings: 0, days: 0, from }, seededRandom(1));
  const startMs = from.getTime();
  const total = (days: number) =>
    Array.from({ length: days * 4 }, (_, n) => city.expected(0, startMs + n * 6 * HOUR_MS, startMs)).reduce(
      (sum, each) => sum + each,
      0,
    );
  // The mean rate m follows dm/dt = -(1 - offspring) / delay × (m - background / (1 - offspring)), from the background on.
  const rest = 1 - RULES.offspring;
  const pace = rest / RULES.meanDelayDays;
  const inAll = (days: number) =>
    (RULES.backgroundPerDay / rest) * (days - (RULES.offspring * (1 - Math.exp(-pace * days))) / pace);
  expect(total(1) / inAll(1)).toBeCloseTo(1, 2);
  expect(total(28) / inAll(28)).toBeCloseTo(1, 3);
});
