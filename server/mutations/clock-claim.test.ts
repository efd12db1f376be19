import { expect, it } from 'vitest';
import { judgeClaim } from './clock-claim.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

it.each([
  ['2026-11-25T11:59:00+00:00', false, '2026-11-25T11:59:00.000Z'],
  ['2026-11-26T12:00:00Z', false, '2026-11-26T12:00:00.000Z'],
  ['2026-11-26T12:00:00.001Z', true, '2026-11-26T12:00:00.001Z'],
  ['2025-10-01T00:00:00Z', true, '2025-10-01T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', true, '1970-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59-14:00', true, '9999-01-01T00:00:00.000Z'],
])('judges %s: suspect %s', (createdAt, suspect, claimedAt) => {
  expect(judgeClaim(createdAt, NOW)).toEqual({ suspect, claimedAt: new Date(claimedAt) });
});
