import type { RivalName } from '../forecast.ts';
import type { Knowledge } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';

const DAY_MS = 86_400_000;
const METRES_A_DEGREE = 111_195;
const RADIANS = Math.PI / 180;
/** A kernel ends at this many bandwidths: less than 1.2 % of its weight lies beyond. */
const KERNEL_ENDS_AT = 3;

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

/** What a baseline expects of the week after a cut-off. */
export function baselineView(
  timeline: Timeline,
  knowledge: Knowledge,
  settings: BaselineSettings,
): BaselineView {
  const { halfLifeDays, bandwidthM, evenShare } = settings;
  const isThere = placesAt(timeline, knowledge);
  let ofWeek: Float64Array = new Float64Array(timeline.places.length);
  for (let at = knowledge.known.length - 1; at >= 0; at--) {
    const n = knowledge.known[at]!;
    const ageDays = (knowledge.frontierMs - timeline.shownAt[n]!) / DAY_MS;
    if (halfLifeDays === undefined && ageDays >= 365) break;
    if (timeline.counts[n] === 0) continue;
    ofWeek[timeline.place[n]!]! += halfLifeDays === undefined ? 1 : 2 ** (-ageDays / halfLifeDays);
  }
  const heldDays = Math.max(MIN_HELD_DAYS, (knowledge.frontierMs - knowledge.startMs) / DAY_MS);
  const effectiveDays =
    halfLifeDays === undefined
      ? Math.min(365, heldDays)
      : (halfLifeDays / Math.LN2) * (1 - 2 ** (-heldDays / halfLifeDays));
  const total = (ofWeek.reduce((sum, count) => sum + count, 0) * 7) / effectiveDays;
  if (bandwidthM !== undefined)
    ofWeek = spread(timeline, ofWeek, bandwidthM).map((value, place) => (isThere[place] === 1 ? value : 0));
  const sum = ofWeek.reduce((all, value) => all + value, 0);
  const places = isThere.reduce((all, there) => all + there, 0);
  const even = (Math.max(total, 0.01) * evenShare) / places;
  return {
    weeks: effectiveDays / 7,
    ofWeek: ofWeek.map((value, place) =>
      isThere[place] === 1 ? even + (sum > 0 ? ((1 - evenShare) * total * value) / sum : 0) : 0,
    ),
  };
}

/**
 * 1 for each place that there is at the cut-off. A cell is one from its first known incident on: those of a file that came later would
 * take a share of what is expected. All municipalities were there from the first.
 */
function placesAt({ series, placeKnownAt }: Timeline, { cutOffMs }: Knowledge): Uint8Array {
  const isFixed = series.placeKind === 'municipality';
  return Uint8Array.from(placeKnownAt, (knownAt) => (isFixed || knownAt <= cutOffMs ? 1 : 0));
}

/** Spreads the places' values over their surroundings, each place's share by a Gaussian of the distance. */
function spread({ places }: Timeline, values: Float64Array, bandwidthM: number): Float64Array {
  const into = new Float64Array(values.length);
  const byLatitude = places.map((_, index) => index).toSorted((a, b) => places[a]!.lat - places[b]!.lat);
  const reachM = KERNEL_ENDS_AT * bandwidthM;
  let first = 0;
  for (let at = 0; at < byLatitude.length; at++) {
    const place = places[byLatitude[at]!]!;
    while (metresNorth(places[byLatitude[first]!]!, place) > reachM) first += 1;
    for (let other = first; other < byLatitude.length; other++) {
      const near = places[byLatitude[other]!]!;
      const north = metresNorth(place, near);
      if (north > reachM) break;
      const east = (near.lon - place.lon) * METRES_A_DEGREE * Math.cos(place.lat * RADIANS);
      const squared = north * north + east * east;
      if (squared > reachM * reachM) continue;
      into[byLatitude[at]!]! +=
        values[byLatitude[other]!]! * Math.exp(-squared / (2 * bandwidthM * bandwidthM));
    }
  }
  return into;
}

function metresNorth(from: { readonly lat: number }, to: { readonly lat: number }): number {
  return (to.lat - from.lat) * METRES_A_DEGREE;
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
