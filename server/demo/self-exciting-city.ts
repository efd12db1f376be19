import { gridDisk, latLngToCell, cellToLatLng } from 'h3-js';
import { WINDOW_MS, backgroundIn, outlookOf } from './city-outlook.ts';
import type { Passage } from './city-outlook.ts';
import type { CityCell, CityIncident, SelfExcitingCity, SelfExcitingRules } from './simulated-city.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Of what an incident leads to, so much comes in its own cell. */
const OWN_SHARE = 0.5;
const NIGHT: CityCell['hours'] = [0.4, 0.1, 0.15, 0.35];
const NOON: CityCell['hours'] = [0.05, 0.35, 0.45, 0.15];
/** Cells differ by this power of chance: a few have most of what happens. */
const CONCENTRATION = 6;

/**
 * Simulates a city as a self-exciting point process (Hawkes 1971; Mohler et al. 2011): incidents come of themselves, at rates of the
 * place and the hour, and each leads to others near it soon after.
 */
export function simulateCity(rules: SelfExcitingRules, random: () => number): SelfExcitingCity {
  const cells = cellsOf(rules, random);
  const indexOf = new Map(cells.map(({ id }, index) => [id, index]));
  const neighbours = cells.map(({ id }) =>
    gridDisk(id, 1).flatMap((near) => (near === id ? [] : (indexOf.get(near) ?? []))),
  );
  const startMs = rules.from.getTime();
  const endMs = startMs + rules.days * DAY_MS;
  const incidents: CityIncident[] = [];
  cells.forEach((each, cell) => {
    // By the quarters of the day, of which the first may have begun before.
    for (let fromMs = startMs; fromMs < endMs;) {
      const untilMs = Math.min(endMs, (Math.floor(fromMs / WINDOW_MS) + 1) * WINDOW_MS);
      const count = poisson(backgroundIn(each, fromMs, untilMs), random);
      for (let n = 0; n < count; n++) incidents.push({ cell, atMs: fromMs + random() * (untilMs - fromMs) });
      fromMs = untilMs;
    }
  });
  // What is led to may lead to more: the list grows while it is gone through.
  for (let n = 0; n < incidents.length; n++) {
    const { cell, atMs } = incidents[n]!;
    for (let child = poisson(rules.offspring, random); child > 0; child--) {
      const childMs = atMs - Math.log(1 - random()) * rules.meanDelayDays * DAY_MS;
      if (childMs < endMs)
        incidents.push({ cell: childCell(cell, neighbours[cell]!, random), atMs: childMs });
    }
  }
  incidents.sort((a, b) => a.atMs - b.atMs);
  return { cells, incidents, expected: outlookOf(rules, cells, incidents, neighbours.map(passagesOf)) };
}

function cellsOf(
  { centre, resolution, rings, backgroundPerDay }: SelfExcitingRules,
  random: () => number,
): CityCell[] {
  const ids = gridDisk(latLngToCell(centre.lat, centre.lon, resolution), rings);
  const weights = ids.map(() => random() ** CONCENTRATION);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return ids.map((id, n) => {
    const [lat, lon] = cellToLatLng(id);
    return {
      id,
      lat,
      lon,
      background: (backgroundPerDay * weights[n]!) / total,
      hours: random() < 0.5 ? NIGHT : NOON,
    };
  });
}

function childCell(cell: number, near: readonly number[], random: () => number): number {
  if (near.length === 0 || random() < OWN_SHARE) return cell;
  return near[Math.floor(random() * near.length)]!;
}

/** Where that comes which an incident in a cell leads to, as `childCell` draws it. */
function passagesOf(near: readonly number[], cell: number): Passage[] {
  if (near.length === 0) return [{ to: cell, share: 1 }];
  return [
    { to: cell, share: OWN_SHARE },
    ...near.map((to) => ({ to, share: (1 - OWN_SHARE) / near.length })),
  ];
}

/** A Poisson number by Knuth's product of chances; means here are small. */
function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
