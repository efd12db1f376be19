/** Rows to fit a kernel to: the columns stand first in each row of `values`. */
export interface KernelRows {
  readonly rows: number;
  /** Numbers of a row. */
  readonly width: number;
  readonly values: Float32Array;
  readonly counts: Float32Array;
  readonly weights: Float32Array;
}

/** Least expected count of a window: the logarithm of nothing has no place in a model. */
export const MIN_EXPECTED = 1e-7;
const ITERATIONS = 150;

/**
 * Weights, none negative, of columns whose sum is the expected count: the kernel of a self-exciting process over bands of
 * age and distance, without a form being assumed. Fitted by the expectation-maximisation of a Poisson mixture (Richardson 1972, Lucy 1974;
 * Mohler et al. 2011 for incidents), which needs no step size, and in which a column that explains nothing fades. `from` and `to` bound
 * the rows.
 */
export function fitKernel(kernel: KernelRows, columns: number, from = 0, to = kernel.rows): Float64Array {
  const { width, values, counts, weights } = kernel;
  const sums = new Float64Array(columns);
  const withIncidents: number[] = [];
  for (let row = from; row < to; row++) {
    for (let n = 0; n < columns; n++) sums[n]! += weights[row]! * values[row * width + n]!;
    if (counts[row]! > 0) withIncidents.push(row);
  }
  const fitted = new Float64Array(columns).fill(1 / columns);
  const explained = new Float64Array(columns);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    explained.fill(0);
    for (const row of withIncidents) {
      const expected = kernelRate(fitted, values, row * width);
      const share = (weights[row]! * counts[row]!) / expected;
      for (let n = 0; n < columns; n++) explained[n]! += share * values[row * width + n]!;
    }
    for (let n = 0; n < columns; n++) fitted[n]! *= sums[n]! > 0 ? explained[n]! / sums[n]! : 0;
  }
  return fitted;
}

/** What the kernel alone expects of a row. */
export function kernelRate(fitted: Float64Array, values: Float32Array, offset: number): number {
  let rate = 0;
  for (let n = 0; n < fitted.length; n++) rate += fitted[n]! * values[offset + n]!;
  return Math.max(rate, MIN_EXPECTED);
}
