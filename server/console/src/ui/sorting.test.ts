import { describe, expect, it } from 'vitest';
import { pressed, sorted, sortingOf, sortingText } from './sorting.ts';

const FALLBACK = { by: 'age', descending: true };

describe('sorting', () => {
  it('goes through the address and back, and takes no column that is not there', () => {
    const sorting = { by: 'user', descending: true };
    expect(sortingOf(sortingText(sorting), ['user', 'age'], FALLBACK)).toEqual(sorting);
    expect(sortingOf('-secret', ['user', 'age'], FALLBACK)).toBe(FALLBACK);
  });

  it('turns round at the second press', () => {
    const first = pressed(FALLBACK, 'user');
    expect([first, pressed(first, 'user')]).toEqual([
      { by: 'user', descending: false },
      { by: 'user', descending: true },
    ]);
  });

  it('puts what has no value last, either way', () => {
    const rows = [3, null, 1, undefined, 2];
    const values = (descending: boolean) => sorted(rows, (row) => row, descending);
    expect(values(false).slice(0, 3)).toEqual([1, 2, 3]);
    expect(values(true).slice(0, 3)).toEqual([3, 2, 1]);
  });
});
