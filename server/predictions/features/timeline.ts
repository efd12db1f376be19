import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import { CATEGORIES, PATROL_GENERATED } from '../categories.ts';
import type { History, Place, Series } from '../forecast.ts';
import { windowAt, windowOfWeek, windowsOf } from '../windows.ts';
import type { Windows } from '../windows.ts';
import { neighboursOf } from './neighbours.ts';
import type { Neighbours } from './neighbours.ts';

/** A history made ready for one series: in the wall clock's time, sorted, without what is never learnt from. */
export interface Timeline {
  readonly series: Series;
  readonly zone: string;
  readonly windows: Windows;
  readonly places: readonly Place[];
  readonly neighbours: Neighbours;
  /** How many incidents there are; the arrays have as many entries, by rising `shownAt`. */
  readonly length: number;
  readonly place: Int32Array;
  /** When it happened, by the wall clock, in milliseconds as if it were UTC. */
  readonly shownAt: Float64Array;
  /** From when the server knew it, in milliseconds of UTC. */
  readonly knownAt: Float64Array;
  readonly windowOfWeek: Uint8Array;
  /** 1 where the incident is of the series' category, 0 where it is of another type. */
  readonly counts: Uint8Array;
  /** From when each place had a known incident of any type, in milliseconds of UTC. */
  readonly placeKnownAt: Float64Array;
}

/** Makes a history ready for a series. Incidents may be in any order. */
export function timelineOf(history: History, series: Series): Timeline {
  const windows = windowsOf(history.zone);
  const types = INCIDENT_TYPES.map((type) => !PATROL_GENERATED.has(type));
  const inCategory = INCIDENT_TYPES.map((type) => CATEGORIES[series.category]?.includes(type) ?? false);
  const shown = Float64Array.from(history.occurredAt, (at) => windows.shownAt(at));
  const kept = Uint32Array.from(history.type.keys()).filter((n) => types[history.type[n]!]!);
  kept.sort((a, b) => shown[a]! - shown[b]! || a - b);
  const placeKnownAt = new Float64Array(history.places.length).fill(Infinity);
  for (const n of kept) {
    const place = history.place[n]!;
    placeKnownAt[place] = Math.min(placeKnownAt[place]!, history.knownAt[n]!);
  }
  return {
    series,
    zone: history.zone,
    windows,
    places: history.places,
    neighbours: neighboursOf(history.places, series.placeKind),
    length: kept.length,
    place: Int32Array.from(kept, (n) => history.place[n]!),
    shownAt: Float64Array.from(kept, (n) => shown[n]!),
    knownAt: Float64Array.from(kept, (n) => history.knownAt[n]!),
    windowOfWeek: Uint8Array.from(kept, (n) => windowOfWeek(windowAt(shown[n]!))),
    counts: Uint8Array.from(kept, (n) => (inCategory[history.type[n]!]! ? 1 : 0)),
    placeKnownAt,
  };
}

/** The first incident that did not happen before `shownMs`. */
export function firstFrom({ shownAt, length }: Timeline, shownMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shownAt[middle]! < shownMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
