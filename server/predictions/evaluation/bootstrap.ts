import { seededRandom } from '../../platform/seeded-random.ts';
import type { Estimate } from '../forecast.ts';

const SAMPLES = 1_000;
const SEED = 20_260_601;

/**
 * The value of a statistic over all weeks and its 95 % interval: percentiles over weeks drawn with replacement (Efron 1979). A
 * week is drawn whole, so that what belongs together in it stays together; for a difference both sides are of the same weeks.
 */
export function bootstrap(weeks: number, statistic: (drawn: readonly number[]) => number): Estimate {
  const all = Array.from({ length: weeks }, (_, week) => week);
  const random = seededRandom(SEED);
  const values = Array.from({ length: SAMPLES }, () =>
    statistic(all.map(() => Math.floor(random() * weeks))),
  ).toSorted((a, b) => a - b);
  return {
    value: statistic(all),
    lower: values[Math.floor(SAMPLES * 0.025)]!,
    upper: values[Math.ceil(SAMPLES * 0.975) - 1]!,
  };
}
