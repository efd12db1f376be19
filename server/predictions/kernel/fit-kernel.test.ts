import { expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { MIN_EXPECTED, fitKernel, kernelRate } from './fit-kernel.ts';

it('finds the weights that made the counts, and lets a column fade that made none', () => {
  const random = seededRandom(11);
  const rows = 30_000;
  const values = new Float32Array(rows * 3);
  const counts = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    values.set([random(), random() * 2, random()], row * 3);
    const rate = 0.3 * values[row * 3]! + 0.1 * values[row * 3 + 1]!;
    for (let chance = random(), power = Math.exp(-rate), sum = power, n = 1; chance > sum; n++) {
      counts[row] = n;
      power *= rate / n;
      sum += power;
    }
  }
  const weights = new Float32Array(rows).fill(1);
  const fitted = fitKernel({ rows, width: 3, values, counts, weights }, 3);
  expect(fitted[0]).toBeCloseTo(0.3, 1);
  expect(fitted[1]).toBeCloseTo(0.1, 1);
  expect(fitted[2]).toBeLessThan(0.03);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let expected = 0;
  for (let row = 0; row < rows; row++) expected += kernelRate(fitted, values, row * 3);
  expect(expected / total).toBeCloseTo(1, 2);
});

it('expects a little where it knows of nothing', () => {
  expect(kernelRate(Float64Array.of(0.5), Float32Array.of(0), 0)).toBe(MIN_EXPECTED);
});
