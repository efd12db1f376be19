import { describe, expect, it } from 'vitest';
import { amountScale, linePath, timeScale } from './scale.ts';

describe('amountScale', () => {
  it.each([
    [0, [0, 0.5, 1]],
    [0.9, [0, 0.5, 1]],
    [7, [0, 2, 4, 6, 8]],
    [10_000, [0, 5_000, 10_000]],
    [130, [0, 50, 100, 150]],
  ])('covers %d with round ticks', (most, ticks) => {
    const scale = amountScale(most, 100);
    expect(scale.ticks).toEqual(ticks);
    expect(scale(0)).toBe(100);
    expect(scale(ticks.at(-1)!)).toBe(0);
  });

  it('has no fractions of what is counted', () => {
    expect(amountScale(1, 100, true).ticks).toEqual([0, 1]);
  });
});

describe('timeScale', () => {
  it('puts ticks at round times within its span, and not more than asked for', () => {
    const from = Date.UTC(2026, 0, 1, 7, 13);
    const scale = timeScale(from, from + 24 * 3_600_000, 480, 6);
    expect(scale.ticks.length).toBeLessThanOrEqual(6);
    expect(scale.ticks.every((at) => at % 3_600_000 === 0 && at >= from)).toBe(true);
    expect([scale(from), scale(from + 12 * 3_600_000)]).toEqual([0, 240]);
  });

  it('bears a span of nothing', () => {
    expect(timeScale(5, 5, 100, 4)(5)).toBe(0);
  });
});

it('a line is broken where nothing was measured, and what was measured once is a dot', () => {
  expect(
    linePath([
      [0, 1],
      [1, 2],
      [2, undefined],
      [3, 4],
    ]),
  ).toBe('M0.0 1.0L1.0 2.0M3.0 4.0h0');
});
