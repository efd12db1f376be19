import { seededRandom } from '../../server/platform/seeded-random.ts';

/** Choices that a seed repeats. */
export interface Dice {
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** Each element with this probability. */
  some<T>(from: readonly T[], probability: number): T[];
}

export function createDice(seed: number): Dice {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const chance = (probability: number) => random() < probability;
  return {
    chance,
    below,
    pick: (from) => from[below(from.length)]!,
    some: (from, probability) => from.filter(() => chance(probability)),
  };
}
