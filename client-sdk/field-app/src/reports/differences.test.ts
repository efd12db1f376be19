import { expect, it } from 'vitest';
import { differencesOf, differing, withChanges } from './differences.ts';

const SAID = {
  type: 'fire',
  severity: 4,
  occurred_at: new Date('2026-11-25T10:31:42.123Z'),
  description: 'Smoke',
  lat: 59.33,
  lon: 18.07,
  accuracy_m: 25,
};

it('shows both sides of each field that is at odds, and nothing of one that came to say the same', () => {
  expect(differencesOf({ severity: 2, description: 'Smoke' }, SAID)).toEqual([
    { field: 'severity', yours: '2 · Low', now: '4 · Serious' },
  ]);
  const location = { lat: 59.34, lon: 18.07, accuracyM: 1500 };
  expect(differencesOf({ location, description: '' }, SAID)).toEqual([
    { field: 'location', yours: '59.34000, 18.07000 (± 1.5 km)', now: '59.33000, 18.07000 (± 25 m)' },
    { field: 'description', yours: '(nothing)', now: 'Smoke' },
  ]);
});

it('finds what the next version changed', () => {
  const next = withChanges(SAID, { type: 'arson', occurredAt: '2026-11-25T10:00:00Z' });
  expect(differing(SAID, next)).toEqual(['type', 'occurredAt']);
  expect(differing(SAID, { ...SAID })).toEqual([]);
});
