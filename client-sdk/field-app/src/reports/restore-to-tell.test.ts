import { expect, it } from 'vitest';
import { gapToTell } from './restore-to-tell.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const restores = (...days: number[]) => ({
  restores: days.map((day) => ({
    takenAt: new Date(NOW - day * 86_400_000 - 3_600_000).toISOString(),
    restoredAt: new Date(NOW - day * 86_400_000).toISOString(),
  })),
});

it('tells of the newest restore for two weeks', () => {
  expect(gapToTell(restores(1, 5), NOW)).toEqual({
    from: new Date('2026-11-26T11:00:00Z'),
    to: new Date('2026-11-26T12:00:00Z'),
  });
  expect(gapToTell(restores(13.9), NOW)).toBeDefined();
  expect(gapToTell(restores(14.1), NOW)).toBeUndefined();
  expect(gapToTell(restores(), NOW)).toBeUndefined();
});

it('tells nothing by an answer that it does not understand', () => {
  expect(gapToTell({ restores: [{ takenAt: 'yesterday' }] }, NOW)).toBeUndefined();
  expect(gapToTell(undefined, NOW)).toBeUndefined();
});
