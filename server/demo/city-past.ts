import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { seededRandom } from '../platform/seeded-random.ts';
import { CITY_CENTRE } from './city.ts';
import { simulateCity } from './self-exciting-city.ts';
import type { SelfExcitingCity } from './simulated-city.ts';

/** What the city's register is called where it is imported. */
export const CITY_REGISTER = 'demo-city';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Half a year before anything is learnt from, weeks to learn from, and half a year to test on. */
const DAYS = 480;
const SEED = 7;
/** The register knows an incident at most this long after it. */
const MAX_DELAY_MS = HOUR_MS / 2;
const FILE = /^demo-city-(\d{4}-\d{2}-\d{2}T\d{2})\.csv$/;

/** What the city had before the demo began. */
export interface CityPast {
  readonly city: SelfExcitingCity;
  readonly days: number;
  /** Nothing is told of what happened later. */
  readonly until: Date;
  /** The register of what happened: a CSV, as `npm run import` takes it. */
  readonly file: string;
}

/**
 * Simulates what happened in the city in the last sixteen months and writes it to `dir` as a register. One that a former demo wrote
 * there stays what the city's past is, and is not made anew.
 */
export function writeCityPast(dir: string, now: Date): CityPast {
  const until = pastWrittenTo(dir) ?? new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const random = seededRandom(SEED);
  const city = simulateCity(
    {
      centre: CITY_CENTRE,
      resolution: 9,
      rings: 5,
      backgroundPerDay: 12,
      offspring: 0.35,
      meanDelayDays: 4,
      from: new Date(until.getTime() - DAYS * DAY_MS),
      days: DAYS,
    },
    random,
  );
  const file = join(dir, `demo-city-${until.toISOString().slice(0, 'yyyy-mm-ddThh'.length)}.csv`);
  const lines = city.incidents.map(({ cell, atMs }, n) => {
    const { lat, lon } = city.cells[cell]!;
    const times = [atMs, atMs + random() * MAX_DELAY_MS].map((ms) => new Date(ms).toISOString());
    return [`${until.getTime() / HOUR_MS}-${n}`, ...times, lat, lon, typeBy(random())].join(',');
  });
  writeFileSync(file, `${['id,occurred_at,known_at,lat,lon,category', ...lines].join('\n')}\n`);
  return { city, days: DAYS, until, file };
}

function pastWrittenTo(dir: string): Date | undefined {
  const [hour] = readdirSync(dir)
    .flatMap((name) => FILE.exec(name)?.[1] ?? [])
    .toSorted()
    .reverse();
  return hour === undefined ? undefined : new Date(`${hour}:00:00Z`);
}

/** Nearly all of it is theft: what the others are too few to learn from costs no time, and shows that the server says so. */
function typeBy(chance: number): IncidentType {
  if (chance < 0.94) return 'theft';
  return chance < 0.97 ? 'vandalism' : 'burglary';
}
