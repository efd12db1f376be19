import { knowledgeAt } from '../features/knowledge.ts';
import type { Knowledge } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import type { RivalName } from '../forecast.ts';
import { countWindows } from '../training/learning-rows.ts';
import { poissonDeviance } from '../training/poisson.ts';
import { baselineChoices, countedAt, spreadAt, viewOf } from './baselines.ts';
import type { BaselineSettings, BaselineView } from './baselines.ts';

const RADIANS = Math.PI / 180;
const METRES_A_DEGREE = 111_195;
/** Only so many places are asked for how far apart places are. */
const SPACING_SAMPLE = 200;

/** The settings with which each baseline did best. */
export type ChosenBaselines = Readonly<Record<Exclude<RivalName, 'champion'>, BaselineSettings>>;

/**
 * Chooses each baseline's settings by the deviance of whole weeks that begin with these windows. They come before the weeks of a test, so
 * that a baseline is as good as it can be without having looked at it.
 */
export function chooseBaselines(
  timeline: Timeline,
  weeks: readonly number[],
  knownByMs: number,
): ChosenBaselines {
  const choices = baselineChoices(spacingOf(timeline));
  const candidates = Object.values(choices).flat();
  const deviances = new Map<BaselineSettings, number>();
  for (const first of weeks) {
    const cutOffMs = timeline.windows.startOf(first).getTime();
    const knowledge = knowledgeAt(timeline, cutOffMs);
    if (knowledge === undefined) continue;
    const counts = weekCounts(timeline, first, knownByMs);
    for (const [settings, { ofWeek }] of viewsOf(timeline, knowledge, candidates))
      deviances.set(
        settings,
        (deviances.get(settings) ?? 0) + weekDeviance(timeline, cutOffMs, ofWeek, counts),
      );
  }
  const best = (ofOne: readonly BaselineSettings[]): BaselineSettings =>
    ofOne.reduce((chosen, one) => ((deviances.get(one) ?? 0) < (deviances.get(chosen) ?? 0) ? one : chosen));
  return {
    'count-365': best(choices['count-365']),
    'decayed-count': best(choices['decayed-count']),
    'space-time-kde': best(choices['space-time-kde']),
  };
}

/** What baselines of these settings expect, one after the other: what several have in common is counted and spread once. */
function* viewsOf(
  timeline: Timeline,
  knowledge: Knowledge,
  candidates: readonly BaselineSettings[],
): Generator<readonly [BaselineSettings, BaselineView]> {
  for (const [halfLifeDays, counting] of groupBy(candidates, (one) => one.halfLifeDays)) {
    const counted = countedAt(timeline, knowledge, halfLifeDays);
    for (const [bandwidthM, spreading] of groupBy(counting, (one) => one.bandwidthM)) {
      const spread = spreadAt(timeline, counted, bandwidthM);
      for (const settings of spreading) yield [settings, viewOf(counted, spread, settings.evenShare)];
    }
  }
}

/** How far what was expected of each place's week is from what came there, in the places that were known at the cut-off. */
export function weekDeviance(
  { placeKnownAt }: Timeline,
  cutOffMs: number,
  ofWeek: Float64Array,
  counts: Float64Array,
): number {
  let deviance = 0;
  counts.forEach((count, place) => {
    if (placeKnownAt[place]! <= cutOffMs) deviance += poissonDeviance(count, ofWeek[place]!);
  });
  return deviance;
}

/** What came in each place in the week that begins with a window, as it is known at `knownByMs`. */
export function weekCounts(timeline: Timeline, firstWindow: number, knownByMs: number): Float64Array {
  const counts = new Float64Array(timeline.places.length);
  for (const [key, count] of countWindows(timeline, firstWindow, knownByMs))
    counts[key % counts.length]! += count;
  return counts;
}

/** How far apart places are: the median distance, in metres, from a place to the nearest other. */
export function spacingOf({ places }: Timeline): number {
  const step = Math.max(1, Math.floor(places.length / SPACING_SAMPLE));
  const nearest = places
    .filter((_, index) => index % step === 0)
    .map(({ id, lat, lon }) => {
      let least = Infinity;
      for (const other of places) {
        if (other.id === id) continue;
        const north = (other.lat - lat) * METRES_A_DEGREE;
        const east = (other.lon - lon) * METRES_A_DEGREE * Math.cos(lat * RADIANS);
        least = Math.min(least, Math.hypot(north, east));
      }
      return least;
    })
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  return nearest[nearest.length >> 1] ?? METRES_A_DEGREE;
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
