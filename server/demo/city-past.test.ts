import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../platform/seeded-random.ts';
import { writeCityPast } from './city-past.ts';
import { simulateCity } from './self-exciting-city.ts';

const HOUR_MS = 3_600_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-city-past-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('the past of the city stays as it was first written, and ends when it was', () => {
  const first = writeCityPast(dir, new Date('2026-11-25T11:40:00Z'));
  const written = readFileSync(first.file, 'utf8');
  const [header, ...rows] = written.trimEnd().split('\n');
  expect(header).toBe('id,occurred_at,known_at,lat,lon,category');
  expect(rows).toHaveLength(first.city.incidents.length);
  const times = rows.map((row) => row.split(',').slice(1, 3) as [string, string]);
  const end = '2026-11-25T11:00:00.000Z';
  for (const [occurred, known] of times) expect(occurred <= known && occurred < end).toBe(true);
  const later = writeCityPast(dir, new Date('2026-12-24T18:00:00Z'));
  expect(later.file).toBe(first.file);
  expect(readFileSync(later.file, 'utf8')).toBe(written);
});

it('the true rate of six hours across two quarters of the day is of both', () => {
  const rules = { centre: { lat: 59.33, lon: 18.06 }, resolution: 9, rings: 0, backgroundPerDay: 8 };
  const from = new Date('2026-11-25T00:00:00Z');
  const city = simulateCity({ ...rules, offspring: 0, meanDelayDays: 1, from, days: 2 }, seededRandom(1));
  const rateAt = (hour: number) => city.expected(0, from.getTime() + hour * HOUR_MS, from.getTime());
  expect(rateAt(2)).toBeCloseTo((rateAt(0) * 2) / 3 + rateAt(6) / 3, 10);
  expect(rateAt(23)).toBeCloseTo(rateAt(18) / 6 + (rateAt(0) * 5) / 6, 10);
  expect(rateAt(0)).not.toBeCloseTo(rateAt(6), 3);
});
