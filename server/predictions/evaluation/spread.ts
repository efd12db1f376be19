import { WINDOWS_AHEAD } from '../forecast.ts';
import { WINDOWS_A_DAY, windowOfWeek } from '../windows.ts';

/** Gathers, over the weeks of a test, what was expected and seen in each place at each time of day. */
export interface Spread {
  /** Adds a week: `expected` and `counts` stand window by window, and within it place by place as in `live`. */
  add(live: Uint32Array, firstWindow: number, expected: Float64Array, counts: Float64Array): void;
  /** How far places' true rates lie from what is expected of them: the variance of their ratio. */
  variance(): number;
}

/**
 * A test's counts vary more than Poisson's where the model is wrong about a rate: by the squared expectation times the variance of true
 * over expected rate. That variance is what is left of the squared errors after Poisson's part (method of moments). It is looked for in
 * places' times of day over all weeks, where it shows who is always more than is thought, and in places' weeks, where it shows who is
 * more for a while; the larger one counts.
 */
export function createSpread(places: number): Spread {
  const expectedSums = new Float64Array(places * WINDOWS_A_DAY);
  const seenSums = new Float64Array(places * WINDOWS_A_DAY);
  const weeks = { excess: 0, squares: 0 };
  return {
    add(live, firstWindow, expected, counts) {
      live.forEach((_, n) => addPlaceWeek(weeks, n, live.length, expected, counts));
      for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
        const quarter = windowOfWeek(firstWindow + offset) % WINDOWS_A_DAY;
        live.forEach((place, n) => {
          const slot = quarter * places + place;
          expectedSums[slot]! += expected[offset * live.length + n]!;
          seenSums[slot]! += counts[offset * live.length + n]!;
        });
      }
    },
    variance() {
      let [excess, squares] = [0, 0];
      expectedSums.forEach((expected, slot) => {
        excess += (seenSums[slot]! - expected) ** 2 - expected;
        squares += expected * expected;
      });
      return Math.max(0, excess / (squares || 1), weeks.excess / (weeks.squares || 1));
    },
  };
}

function addPlaceWeek(
  sums: { excess: number; squares: number },
  place: number,
  places: number,
  expected: Float64Array,
  counts: Float64Array,
): void {
  let [mean, seen] = [0, 0];
  for (let at = place; at < expected.length; at += places) {
    mean += expected[at]!;
    seen += counts[at]!;
  }
  sums.excess += (seen - mean) ** 2 - mean;
  sums.squares += mean * mean;
}
