import { describe, expect, it } from 'vitest';
import { intervalFactors } from './interval.ts';

describe('an interval', () => {
  it.each([0, 0.2])('is narrower the more it rests on (spread %d)', (spread) => {
    const widths = [1, 10, 100].map((incidents) => {
      const { lower, upper } = intervalFactors(incidents, spread);
      return upper - lower;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
  });

  it('is never nearer for what is further off', () => {
    const bounds = [0, 0.1, 0.5, 1, 2, 5, 20, 1_000].map((spread) => intervalFactors(50, spread));
    const [lowers, uppers] = [bounds.map(({ lower }) => lower), bounds.map(({ upper }) => upper)];
    expect(lowers).toEqual(lowers.toSorted((a, b) => b - a));
    expect(uppers).toEqual(uppers.toSorted((a, b) => a - b));
    expect(uppers.at(-1)).toBeGreaterThan(2);
  });
});
