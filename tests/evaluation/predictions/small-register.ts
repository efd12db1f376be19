import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulateCity } from '../../../server/demo/self-exciting-city.ts';
import { seededRandom } from '../../../server/platform/seeded-random.ts';
import { makeDataDir } from '../../support/data-dir.ts';

/** When the simulated register begins: a Monday. */
export const REGISTER_FROM = new Date('2024-01-01T00:00:00Z');
export const REGISTER_DAYS = 322;
const HEADER = 'id,occurred_at,known_at,lat,lon,category';

/** One entry of the register; times are in UTC. */
export interface Entry {
  readonly id: string;
  readonly occurredAt: string;
  readonly knownAt: string;
  readonly lat: number;
  readonly lon: number;
  readonly category: string;
}

/** The entries of a small simulated city, by time: thefts all, and none of what else is forecast. */
export function smallRegister(): readonly Entry[] {
  const rules = {
    centre: { lat: 59.33, lon: 18.07 },
    resolution: 9,
    rings: 2,
    backgroundPerDay: 7,
    offspring: 0.3,
    meanDelayDays: 4,
    from: REGISTER_FROM,
    days: REGISTER_DAYS,
  };
  const { cells, incidents } = simulateCity(rules, seededRandom(3));
  return incidents.map(({ cell, atMs }, n) => {
    const occurredAt = new Date(atMs).toISOString();
    const { lat, lon } = cells[cell]!;
    return { id: `entry-${n}`, occurredAt, knownAt: occurredAt, lat, lon, category: 'theft' };
  });
}

/** Entries as a CSV. */
export function csvOf(entries: readonly Entry[]): string {
  const lines = entries.map(({ id, occurredAt, knownAt, lat, lon, category }) =>
    [id, occurredAt, knownAt, lat, lon, category].join(','),
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/** Writes a file into a new folder, and returns its path. */
export function fileOf(name: string, text: string): string {
  const path = join(makeDataDir('halo-evaluation-'), name);
  writeFileSync(path, text);
  return path;
}
