import { describe, expect, it } from 'vitest';
import { daylightHours, easterDay, isSwedishHoliday } from './calendar.ts';

const at = (day: string) => Date.parse(`${day}T13:00:00Z`);
const DAY_MS = 86_400_000;

describe('isSwedishHoliday', () => {
  it.each([
    '2026-01-01',
    '2026-01-06',
    '2026-04-03',
    '2026-04-05',
    '2026-04-06',
    '2026-05-01',
    '2026-05-14',
    '2026-05-24',
    '2026-06-06',
    '2026-06-19',
    '2026-06-20',
    '2026-10-31',
    '2026-12-24',
    '2026-12-26',
    '2025-11-01',
  ])('knows %s', (day) => expect(isSwedishHoliday(at(day))).toBe(true));

  it.each([
    '2026-01-02',
    '2026-04-02',
    '2026-05-13',
    '2026-06-18',
    '2026-06-21',
    '2026-11-01',
    '2026-11-07',
    '2026-12-23',
  ])('and that %s is none', (day) => expect(isSwedishHoliday(at(day))).toBe(false));
});

it('finds Easter', () => {
  const days = ['2000-04-23', '2008-03-23', '2011-04-24', '2024-03-31', '2025-04-20', '2038-04-25'];
  for (const day of days) expect(easterDay(Number(day.slice(0, 4)))).toBe(Date.parse(day) / DAY_MS);
});

it('tells how long the sun is up', () => {
  expect(daylightHours(at('2026-06-21'), 59.3)).toBeCloseTo(18.3, 0);
  expect(daylightHours(at('2026-12-21'), 59.3)).toBeCloseTo(5.7, 0);
  expect(daylightHours(at('2026-03-20'), 59.3)).toBeCloseTo(12, 0);
  expect(daylightHours(at('2026-06-21'), 68.4)).toBe(24);
  expect(daylightHours(at('2026-12-21'), 68.4)).toBe(0);
});
