import type { Timeline } from '../features/timeline.ts';
import { MAX_PLACES_A_REGION } from '../forecast.ts';

/** Of each region the places with the highest value, at most `MAX_PLACES_A_REGION`. */
export function mostExpected({ places }: Timeline, ofWeek: Float64Array): readonly number[] {
  const taken = new Map<string | null, number>();
  return places
    .map((_, place) => place)
    .toSorted((a, b) => ofWeek[b]! - ofWeek[a]! || (places[a]!.id < places[b]!.id ? -1 : 1))
    .filter((place) => {
      const { region } = places[place]!;
      const count = taken.get(region) ?? 0;
      taken.set(region, count + 1);
      return count < MAX_PLACES_A_REGION;
    });
}
