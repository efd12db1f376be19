import { describe, expect, it } from 'vitest';
import { firstTime, isDue, mayRebuild, nextTime } from './verification-schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_800_000_000_000;

describe('when rows are compared', () => {
  it('first within a day, drawn by each device for itself', () => {
    expect(firstTime(NOW, 0).dueAt).toBe(NOW);
    expect(firstTime(NOW, 0.5).dueAt).toBe(NOW + DAY / 2);
  });

  it('then about a day after they were equal, and about an hour after they were not, or could not be compared', () => {
    for (const random of [0, 0.5, 0.999]) {
      const equal = nextTime({ dueAt: NOW }, 'equal', false, NOW, random).dueAt - NOW;
      expect(equal).toBeGreaterThanOrEqual(0.9 * DAY);
      expect(equal).toBeLessThan(1.1 * DAY);
      for (const outcome of ['different', 'not_compared'] as const) {
        const soon = nextTime({ dueAt: NOW }, outcome, false, NOW, random).dueAt - NOW;
        expect(soon).toBeGreaterThanOrEqual(HOUR / 2);
        expect(soon).toBeLessThan(1.5 * HOUR);
      }
    }
  });

  it('also when a clock that was wrong has put them off for ever', () => {
    expect(isDue({ dueAt: NOW }, NOW)).toBe(true);
    expect(isDue({ dueAt: NOW + 1 }, NOW)).toBe(false);
    expect(isDue({ dueAt: NOW + 365 * DAY }, NOW)).toBe(true);
  });

  it('and fetched again by themselves once a day at most', () => {
    const rebuilt = nextTime({ dueAt: NOW }, 'different', true, NOW, 0);
    expect(mayRebuild({ dueAt: NOW }, NOW)).toBe(true);
    expect(mayRebuild(rebuilt, NOW + HOUR)).toBe(false);
    const again = nextTime(rebuilt, 'different', false, NOW + HOUR, 0);
    expect(mayRebuild(again, NOW + 2 * HOUR)).toBe(false);
    expect(mayRebuild(again, NOW + DAY)).toBe(true);
    expect(mayRebuild(again, NOW - HOUR)).toBe(true);
  });
});
