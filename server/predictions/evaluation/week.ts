import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { countWindows } from '../training/learning-rows.ts';
import { windowOfWeek } from '../windows.ts';
import type { WeekForecast, WeekSeen } from './hits.ts';

/** The places of which something was known at a cut-off (milliseconds of UTC). */
export function livePlaces({ places, placeKnownAt }: Timeline, cutOffMs: number): Uint32Array {
  return Uint32Array.from(places.keys()).filter((place) => placeKnownAt[place]! <= cutOffMs);
}

/** What is expected of a week where places differ in how much, and all have the same hours. */
export function flatForecast(
  ofWeek: Float64Array,
  live: Uint32Array,
  profile: Float64Array,
  firstWindow: number,
): WeekForecast {
  const expected = new Float64Array(live.length * WINDOWS_AHEAD);
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    const share = profile[windowOfWeek(firstWindow + offset)]!;
    live.forEach((place, n) => (expected[offset * live.length + n] = ofWeek[place]! * share));
  }
  return { expected, isFlat: true };
}

/** What came in the places that were known; an incident elsewhere counts for the total, as one that nobody could find. */
export function seenIn(
  timeline: Timeline,
  live: Uint32Array,
  firstWindow: number,
  knownByMs: number,
): WeekSeen {
  const places = timeline.places.length;
  const indexOf = new Int32Array(places).fill(-1);
  live.forEach((place, n) => (indexOf[place] = n));
  const counts = new Float64Array(live.length * WINDOWS_AHEAD);
  let incidents = 0;
  for (const [key, count] of countWindows(timeline, firstWindow, knownByMs)) {
    incidents += count;
    const index = indexOf[key % places]!;
    if (index >= 0) counts[Math.floor(key / places) * live.length + index]! += count;
  }
  return { counts, places: live.length, incidents };
}
