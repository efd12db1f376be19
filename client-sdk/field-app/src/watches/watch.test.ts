import { describe, expect, it } from 'vitest';
import { THRESHOLDS, radiiWith, thresholdName } from './watch.ts';

describe('a watched place', () => {
  it('keeps a radius that another client has set among those to choose from', () => {
    expect(radiiWith(500)).toEqual([250, 500, 1_000, 5_000]);
    expect(radiiWith(700)).toEqual([250, 500, 700, 1_000, 5_000]);
  });

  it('shows any threshold by the nearest name', () => {
    for (const [name, value] of Object.entries(THRESHOLDS)) expect(thresholdName(value)).toBe(name);
    expect([0, 0.3, 0.55, 1].map(thresholdName)).toEqual(['low', 'middle', 'middle', 'high']);
  });
});
