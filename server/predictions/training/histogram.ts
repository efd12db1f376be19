import { MAX_BINS } from './binning.ts';
import type { BinnedRows } from './binning.ts';

/** Sums of gradient and hessian of the rows in each bin of each feature, two numbers a bin. */
export type Histogram = Float64Array;

/** Numbers that a histogram of one feature holds. */
export const PER_FEATURE = MAX_BINS * 2;

/** An empty histogram of this many features. */
export function emptyHistogram(features: number): Histogram {
  return new Float64Array(features * PER_FEATURE);
}

/** Fills `into` with the sums, of the features in `used`, of the rows whose numbers stand in `order` from `from` to before `to`. */
export function fillHistogram(
  into: Histogram,
  { bins, features }: BinnedRows,
  order: Uint32Array,
  from: number,
  to: number,
  gradients: Float32Array,
  hessians: Float32Array,
  used: Uint32Array,
): void {
  into.fill(0);
  for (let at = from; at < to; at++) {
    const row = order[at]!;
    const gradient = gradients[row]!;
    const hessian = hessians[row]!;
    const first = row * features;
    for (let n = 0; n < used.length; n++) {
      const feature = used[n]!;
      const slot = feature * PER_FEATURE + bins[first + feature]! * 2;
      into[slot]! += gradient;
      into[slot + 1]! += hessian;
    }
  }
}

/** Makes of a parent's histogram that of one child, by taking the other's away: no row is read again. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let n = 0; n < parent.length; n++) parent[n]! -= child[n]!;
}
