import { expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { createSpread } from './spread.ts';

const PLACES = 400;
const LIVE = Uint32Array.from({ length: PLACES }, (_, n) => n);

/** The variance that is found where places' true rates are what is expected times these factors. */
function found(factors: readonly number[]): number {
  const random = seededRandom(21);
  const spread = createSpread(PLACES);
  const poisson = (mean: number) => {
    let count = 0;
    for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
    return count;
  };
  const expected = new Float64Array(PLACES * WINDOWS_AHEAD).fill(0.3);
  for (let week = 0; week < 26; week++) {
    const counts = Float64Array.from(expected, (mean, n) => poisson(mean * factors[n % PLACES]!));
    spread.add(LIVE, week * WINDOWS_AHEAD, expected, counts);
  }
  return spread.variance();
}

it('is nearly nothing where counts vary as Poisson says', () => {
  expect(found(Array.from({ length: PLACES }, () => 1))).toBeLessThan(0.005);
});

it('sees rates that are off for a week at a time, though right on the whole', () => {
  const random = seededRandom(22);
  const spread = createSpread(PLACES);
  const expected = new Float64Array(PLACES * WINDOWS_AHEAD).fill(0.3);
  for (let week = 0; week < 26; week++) {
    const counts = Float64Array.from(expected, (mean, n) => {
      const isBusy = (week + n) % 2 === 0;
      return random() < mean * (isBusy ? 1.5 : 0.5) ? 1 : 0;
    });
    spread.add(LIVE, week * WINDOWS_AHEAD, expected, counts);
  }
  // At most one incident in a window varies less than Poisson's, by the mean.
  expect(spread.variance()).toBeGreaterThan(0.15);
});

it('is the variance of true over expected rates', () => {
  expect(found(Array.from({ length: PLACES }, (_, n) => (n % 2 === 0 ? 0.6 : 1.4)))).toBeCloseTo(0.16, 1);
});
