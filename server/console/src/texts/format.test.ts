import { describe, expect, it } from 'vitest';
import { ago, bytes, count, duration, percent, shortId } from './format.ts';

const NOW = Date.UTC(2026, 5, 1, 12);

describe('ages in words', () => {
  it.each([
    [0, '0 sec ago'],
    [59_000, '59 sec ago'],
    [60_000, '1 min ago'],
    [3 * 3_600_000, '3 hr ago'],
    [2 * 86_400_000, '2 days ago'],
    [60 * 86_400_000, '2 Apr 2026'],
    [-120_000, 'in 2 min'],
  ])('%i ms is %s', (ageMs, words) => expect(ago(NOW - ageMs, NOW)).toBe(words));
});

it('lengths, sizes and shares have the unit that suits them', () => {
  expect([duration(12), duration(1_000), duration(90_000)]).toEqual(['12 ms', '1 second', '1 minute']);
  expect([bytes(0), bytes(999), bytes(1_500_000)]).toEqual(['0 byte', '999 byte', '1.5 MB']);
  expect([percent(0.004), percent(0.5), percent(1)]).toEqual(['0.4%', '50%', '100%']);
  expect(count(10_000)).toBe('10,000');
});

it('an id is cut so that both of its ends are seen', () => {
  expect(shortId('01936d2a-0000-7000-8000-0000000000e1')).toBe('01936d2a…00e1');
  expect(shortId('cell-9')).toBe('cell-9');
});
