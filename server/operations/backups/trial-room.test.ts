import { expect, it } from 'vitest';
import { fitsBesideSlots } from './trial-room.ts';

const GIB = 1024 ** 3;

it.each([
  [1, 4, true],
  [2, 4, true],
  [3, 4, false],
  [300, undefined, true],
])('a table of %s GiB, where slots bear %s GiB: %s', (largest, limit, fits) => {
  const slotLimitBytes = limit === undefined ? undefined : limit * GIB;
  expect(fitsBesideSlots({ largestBytes: largest * GIB, slotLimitBytes })).toBe(fits);
});
