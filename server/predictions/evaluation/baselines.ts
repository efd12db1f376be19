import type { RivalName } from '../forecast.ts';
import type { Knowledge } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import { spreadOver } from './place-kernel.ts';

const DAY_MS = 86_400_000;

/** A history that has only begun counts as so long: a first incident is not one a day. */
export const MIN_HELD_DAYS = 28;

/** What a baseline is set to. */
export interface BaselineSettings {
  /** Days after which an incident counts half; absent: every one of the last 365 days counts the same. */
  readonly halfLifeDays?: number;
  /** Standard deviation of the Gaussian that spreads an incident in space, in metres; absent: it stays in its place. */
  readonly bandwidthM?: number;
  /** Share of the whole that is spread evenly over all places that there are at the cut-off, so that none is impossible. */
  readonly evenShare: number;
}

/** A way of forecasting from plain counts: expected incidents of a week for each place, spread over it by `profile`. */
export interface BaselineView {
  readonly ofWeek: Float64Array;
  /** How many weeks of incidents were counted: what is expected of a place's week times this is what it rests on. */
  readonly weeks: number;
}

/** What was counted up to a cut-off. */
export interface Counted {
  /** Incidents of each place; those of long ago count for less where there is a half-life. */
  readonly ofPlace: Float64Array;
  /** Of how many days, likewise weighed. */
  readonly days: number;
  /** 1 for each place that there is at the cut-off. */
  readonly isThere: Uint8Array;
}

/** What a baseline expects of the week after a cut-off. */
export function baselineView(
  timeline: Timeline,
  knowledge: Knowledge,
  { halfLifeDays, bandwidthM, evenShare }: BaselineSettings,
): BaselineView {
  const counted = countedAt(timeline, knowledge, halfLifeDays);
  return viewOf(counted, spreadAt(timeline, counted, bandwidthM), evenShare);
}

/** Counts what is known, by half-life, or without one of the last 365 days. */
export function countedAt(
  timeline: Timeline,
  knowledge: Knowledge,
  halfLifeDays: number | undefined,
): Counted {
  const ofPlace = new Float64Array(timeline.places.length);
  for (let at = knowledge.known.length - 1; at >= 0; at--) {
    const n = knowledge.known[at]!;
    const ageDays = (knowledge.frontierMs - timeline.shownAt[n]!) / DAY_MS;
    if (halfLifeDays === undefined && ageDays >= 365) break;
    if (timeline.counts[n] === 0) continue;
    ofPlace[timeline.place[n]!]! += halfLifeDays === undefined ? 1 : 2 ** (-ageDays / halfLifeDays);
  }
  const heldDays = Math.max(MIN_HELD_DAYS, (knowledge.frontierMs - knowledge.startMs) / DAY_MS);
  const days =
    halfLifeDays === undefined
      ? Math.min(365, heldDays)
      : (halfLifeDays / Math.LN2) * (1 - 2 ** (-heldDays / halfLifeDays));
  return { ofPlace, days, isThere: placesAt(timeline, knowledge) };
}

/** What was counted, spread over the places that there are; without a bandwidth it stays where it is. */
export function spreadAt(
  { places }: Timeline,
  { ofPlace, isThere }: Counted,
  bandwidthM: number | undefined,
): Float64Array {
  if (bandwidthM === undefined) return ofPlace;
  return spreadOver(places, ofPlace, bandwidthM).map((value, place) => (isThere[place] === 1 ? value : 0));
}

/** The week that follows from what was counted, shared out as it is `spread`, and some of it evenly. */
export function viewOf(
  { ofPlace, days, isThere }: Counted,
  spread: Float64Array,
  evenShare: number,
): BaselineView {
  const total = (sumOf(ofPlace) * 7) / days;
  const sum = sumOf(spread);
  const even = (Math.max(total, 0.01) * evenShare) / sumOf(isThere);
  return {
    weeks: days / 7,
    ofWeek: spread.map((value, place) =>
      isThere[place] === 1 ? even + (sum > 0 ? ((1 - evenShare) * total * value) / sum : 0) : 0,
    ),
  };
}

function sumOf(values: Float64Array | Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/**
 * 1 for each place that there is at the cut-off. A cell is one from its first known incident on: those of a file that came later would
 * take a share of what is expected. All municipalities were there from the first.
 */
function placesAt({ series, placeKnownAt }: Timeline, { cutOffMs }: Knowledge): Uint8Array {
  const isFixed = series.placeKind === 'municipality';
  return Uint8Array.from(placeKnownAt, (knownAt) => (isFixed || knownAt <= cutOffMs ? 1 : 0));
}

const HALF_LIVES_DAYS = [60, 120, 240, 480, 960];
const EVEN_SHARES = [0.01, 0.05, 0.15];
/** Bandwidths that are tried, in steps of the places' usual distance. */
const BANDWIDTH_STEPS = [0.35, 0.5, 0.75, 1.1];

/** The settings that may be chosen for the count of the last 365 days. */
export const COUNT_CHOICES: readonly BaselineSettings[] = EVEN_SHARES.map((evenShare) => ({ evenShare }));

/** The settings that may be chosen for each baseline; `spacingM` is how far apart places are. */
export function baselineChoices(
  spacingM: number,
): Readonly<Record<Exclude<RivalName, 'champion'>, readonly BaselineSettings[]>> {
  const decayed = HALF_LIVES_DAYS.flatMap((halfLifeDays) =>
    EVEN_SHARES.map((evenShare): BaselineSettings => ({ halfLifeDays, evenShare })),
  );
  return {
    'count-365': COUNT_CHOICES,
    'decayed-count': decayed,
    'space-time-kde': decayed.flatMap((settings) =>
      BANDWIDTH_STEPS.map((steps) => ({ ...settings, bandwidthM: steps * spacingM })),
    ),
  };
}
