import { PER_FEATURE } from './histogram.ts';
import type { Histogram } from './histogram.ts';

/** What bounds a split. */
export interface SplitRules {
  /** Added to a leaf's hessian: the larger, the nearer to zero its value. */
  readonly l2: number;
  /** Least sum of hessians, for Poisson loss the expected count, on either side. */
  readonly minLeafHessian: number;
  /** Least gain that is worth a split. */
  readonly minGain: number;
}

/** The best place to divide a node: rows whose bin of `feature` is at most `bin` go left. */
export interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
}

/**
 * The split of most gain by second-order approximation of the loss (Chen and Guestrin 2016, XGBoost, equation 7), or
 * undefined where none is allowed. `cutCounts[f]` is how many cuts feature f has, `used` which may be used. Of equal
 * gains the first feature and bin win, so that a run can be repeated.
 */
export function bestSplit(
  histogram: Histogram,
  cutCounts: readonly number[],
  used: Uint32Array,
  total: { readonly gradient: number; readonly hessian: number },
  rules: SplitRules,
): Split | undefined {
  const parent = score(total.gradient, total.hessian, rules.l2);
  let best: Split | undefined;
  for (const feature of used) {
    let gradient = 0;
    let hessian = 0;
    const base = feature * PER_FEATURE;
    for (let bin = 0; bin < cutCounts[feature]!; bin++) {
      gradient += histogram[base + bin * 2]!;
      hessian += histogram[base + bin * 2 + 1]!;
      if (hessian < rules.minLeafHessian) continue;
      if (total.hessian - hessian < rules.minLeafHessian) break;
      const gain =
        score(gradient, hessian, rules.l2) +
        score(total.gradient - gradient, total.hessian - hessian, rules.l2) -
        parent;
      if (gain > rules.minGain && gain > (best?.gain ?? 0)) best = { feature, bin, gain };
    }
  }
  return best;
}

function score(gradient: number, hessian: number, l2: number): number {
  return (gradient * gradient) / (hessian + l2);
}
