/** Random numbers that are the same for the same seed, on every machine. */
export interface Random {
  /** Evenly in [0, 1). */
  uniform(): number;
  /** Gaussian with mean 0 and variance 1. */
  gaussian(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** A generator by Mulberry32: 32 bits of state are enough for some ten thousand reports. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    // Box and Muller 1958.
    gaussian: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    exponential: () => -Math.log(1 - uniform()),
    pick: (items) => {
      const item = items[Math.floor(uniform() * items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
