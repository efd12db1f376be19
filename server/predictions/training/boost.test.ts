import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { binRows } from './binning.ts';
import { boost } from './boost.ts';
import type { BoostRules, LearningRows } from './boost.ts';
import { poissonDeviance } from './poisson.ts';
import { treeValue } from './tree.ts';

const RULES: BoostRules = {
  maxTrees: 80,
  patience: 10,
  rowShare: 0.7,
  featureShare: 1,
  seed: 3,
  maxDepth: 3,
  learningRate: 0.2,
  maxStep: 0.7,
  l2: 1,
  minLeafHessian: 5,
  minGain: 0.001,
};

/** Counts whose rate is 0.1, four times as much where the first feature is over 0.5 and the second one is 1; the third is noise. */
function rowsOf(rows: number, seed: number): LearningRows & { readonly rates: readonly number[] } {
  const random = seededRandom(seed);
  const values = new Float32Array(rows * 3);
  const counts = new Float32Array(rows);
  const rates: number[] = [];
  for (let row = 0; row < rows; row++) {
    values.set([random(), random() < 0.3 ? 1 : 0, random()], row * 3);
    const rate = values[row * 3]! > 0.5 && values[row * 3 + 1] === 1 ? 0.4 : 0.1;
    rates.push(rate);
    // At most one incident is exact enough for rates like these.
    counts[row] = random() < 1 - Math.exp(-rate) ? 1 : 0;
  }
  return {
    rows,
    features: 3,
    values,
    counts,
    weights: new Float32Array(rows).fill(1),
    margins: new Float32Array(rows).fill(Math.log(0.1)),
    rates,
  };
}

const distance = (data: ReturnType<typeof rowsOf>, trees: ReturnType<typeof boost>['trees']) =>
  data.rates.reduce((sum, rate, row) => {
    const margin = trees.reduce(
      (all, tree) => all + treeValue(tree, data.values, row * 3),
      data.margins[row]!,
    );
    return sum + poissonDeviance(rate, Math.exp(margin));
  }, 0) / data.rows;

describe('boost', () => {
  const learning = rowsOf(20_000, 1);
  const later = rowsOf(8_000, 2);

  it('finds what two features do together', () => {
    const { trees, laterDeviance } = boost(learning, later, RULES);
    expect(trees.length).toBeGreaterThan(3);
    expect(laterDeviance[trees.length]).toBe(Math.min(...laterDeviance));
    expect(distance(later, trees)).toBeLessThan(0.1 * distance(later, []));
  });

  it('makes the same trees of the same seed, and others of another', () => {
    const once = boost(learning, later, RULES);
    expect(boost(learning, later, RULES)).toEqual(once);
    expect(boost(learning, later, { ...RULES, seed: 4 })).not.toEqual(once);
  });

  it('keeps no tree where none helps later rows', () => {
    const none = {
      ...learning,
      counts: Float32Array.from(learning.counts, (_, row) => (row % 10 === 0 ? 1 : 0)),
    };
    const noneLater = {
      ...later,
      counts: Float32Array.from(later.counts, (_, row) => (row % 10 === 0 ? 1 : 0)),
    };
    const { trees } = boost(none, noneLater, { ...RULES, learningRate: 0.5, minGain: 0, minLeafHessian: 1 });
    expect(trees.length).toBeLessThan(5);
    expect(distance({ ...noneLater, rates: later.rates.map(() => 0.1) }, trees)).toBeLessThan(0.005);
  });

  it('grows as many as it is told where there are no later rows', () => {
    expect(boost(learning, undefined, { ...RULES, maxTrees: 7 }).trees).toHaveLength(7);
  });

  it('counts a row as often as its weight says', () => {
    const halves = { ...learning, rows: learning.rows, weights: new Float32Array(learning.rows).fill(2) };
    const [tree] = boost(halves, undefined, { ...RULES, maxTrees: 1, rowShare: 1, l2: 0 }).trees;
    const [single] = boost(learning, undefined, { ...RULES, maxTrees: 1, rowShare: 1, l2: 0 }).trees;
    expect(tree!.value.map((value) => value.toFixed(6))).toEqual(
      single!.value.map((value) => value.toFixed(6)),
    );
  });
});

describe('binRows', () => {
  it('gives a bin of its own to each of few values, and cuts many into as many rows each', () => {
    const few = binRows(Float32Array.from([0, 2, 1, 2, 0, 1]), 6, 1);
    expect([...few.bins]).toEqual([0, 2, 1, 2, 0, 1]);
    expect([...few.cuts[0]!]).toEqual([0, 1]);
    const random = seededRandom(5);
    const many = binRows(
      Float32Array.from({ length: 6_400 }, () => random() ** 4),
      6_400,
      1,
    );
    const sizes = new Map<number, number>();
    for (const bin of many.bins) sizes.set(bin, (sizes.get(bin) ?? 0) + 1);
    expect(sizes.size).toBe(64);
    expect(Math.max(...sizes.values())).toBeLessThan(130);
  });
});
