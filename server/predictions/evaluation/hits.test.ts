import { describe, expect, it } from 'vitest';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { bootstrap } from './bootstrap.ts';
import { bestHits, ranked, scoreWeek } from './hits.ts';

const PLACES = 20;
const AREAS = { '5': 1, '10': 2 } as const;

/** What came: in each window one incident in place `offset % 4`, and two in place 7. */
const seen = {
  counts: new Float64Array(PLACES * WINDOWS_AHEAD),
  places: PLACES,
  incidents: 3 * WINDOWS_AHEAD,
};
for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
  seen.counts[offset * PLACES + (offset % 4)] = 1;
  seen.counts[offset * PLACES + 7] = 2;
}

describe('scoreWeek', () => {
  it('finds all there is to find where it forecasts what came', () => {
    const expected = seen.counts.map((count) => count + 0.001);
    const score = scoreWeek({ expected, isFlat: false }, seen, AREAS);
    expect(score.hits).toEqual({ '5': 2 * WINDOWS_AHEAD, '10': 3 * WINDOWS_AHEAD });
    expect(bestHits(seen, AREAS)).toEqual(score.hits);
    // Chosen once for the week, only one of the four other places can be had.
    expect(score.weekHits).toEqual({ '5': 2 * WINDOWS_AHEAD, '10': 2.25 * WINDOWS_AHEAD });
  });

  it('finds less where it is the same in all windows, and its deviance is higher', () => {
    const mean = new Float64Array(PLACES).fill(0.001);
    for (let place = 0; place < 4; place++) mean[place] = 0.25;
    mean[7] = 2;
    const expected = Float64Array.from({ length: PLACES * WINDOWS_AHEAD }, (_, n) => mean[n % PLACES]!);
    const flat = scoreWeek({ expected, isFlat: true }, seen, AREAS);
    expect(flat.hits).toEqual({ '5': 2 * WINDOWS_AHEAD, '10': 2.25 * WINDOWS_AHEAD });
    const exact = scoreWeek(
      { expected: seen.counts.map((count) => count + 0.001), isFlat: false },
      seen,
      AREAS,
    );
    expect(flat.deviance).toBeGreaterThan(exact.deviance);
    expect(flat.brier).toBeGreaterThan(exact.brier);
  });
});

it('ranks equal places by something else than where they stand', () => {
  const order = [...ranked(new Float64Array(100))];
  expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  expect([...ranked(Float64Array.of(1, 3, 2))]).toEqual([1, 2, 0]);
});

it('bounds a mean as the normal approximation does', () => {
  const values = Array.from({ length: 100 }, (_, n) => n % 10);
  const { value, lower, upper } = bootstrap(
    100,
    (drawn) => drawn.reduce((sum, n) => sum + values[n]!, 0) / drawn.length,
  );
  expect(value).toBe(4.5);
  expect(upper - lower).toBeCloseTo(2 * 1.96 * 0.287, 0);
  expect(lower).toBeLessThan(4.5);
  expect(upper).toBeGreaterThan(4.5);
});
