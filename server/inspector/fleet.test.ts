import { expect, it } from 'vitest';
import { keepMs } from './fleet.ts';

it('keeps a view for a second, longer the longer it took, and never longer than five', () => {
  expect([0, 100, 600, 1_200, 60_000].map(keepMs)).toEqual([1_000, 1_000, 1_800, 3_600, 5_000]);
});
