import { seededRandom } from '../../platform/seeded-random.ts';
import { binRows } from './binning.ts';
import { growTree } from './grow-tree.ts';
import type { TreeRules } from './grow-tree.ts';
import { meanDeviance } from './poisson.ts';
import { treeValue } from './tree.ts';
import type { Tree } from './tree.ts';

/** Rows to learn from, one after another in `values`. */
export interface LearningRows {
  readonly rows: number;
  readonly features: number;
  readonly values: Float32Array;
  /** Counts that were seen. */
  readonly counts: Float32Array;
  /** How many rows each stands for: rows of no event are a sample. */
  readonly weights: Float32Array;
  /** Logarithm of the count that is expected before any tree. */
  readonly margins: Float32Array;
}

/** How to boost. */
export interface BoostRules extends TreeRules {
  readonly maxTrees: number;
  /** Boosting ends when the later rows have not improved for this many trees. */
  readonly patience: number;
  /** Share of the rows and of the features that a tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
  readonly seed: number;
}

/** Trees whose values, added to a row's margin, give the logarithm of its expected count. */
export interface Boosted {
  readonly trees: readonly Tree[];
  /** Mean Poisson deviance of the later rows, before any tree and after each; empty without later rows. */
  readonly laterDeviance: readonly number[];
}

/**
 * Gradient boosting with Poisson loss over histograms (Friedman 2001; Chen and Guestrin 2016): each tree is a second-order step
 * down the loss of what the margin and the trees before say. `later` are rows of a later time, which decide how many trees are kept: none,
 * where no tree helps them; without them all `maxTrees` are. The same rows, rules and seed give the same trees. `onTree` hears how
 * many trees there are, and may throw to end the work.
 */
export function boost(
  learning: LearningRows,
  later: LearningRows | undefined,
  rules: BoostRules,
  onTree?: (trees: number) => void,
): Boosted {
  const random = seededRandom(rules.seed);
  const binned = binRows(learning.values, learning.rows, learning.features);
  const margins = Float64Array.from(learning.margins);
  const laterMargins = Float64Array.from(later?.margins ?? []);
  const gradients = new Float32Array(learning.rows);
  const hessians = new Float32Array(learning.rows);
  const trees: Tree[] = [];
  const laterDeviance = later === undefined ? [] : [meanDeviance(later, laterMargins)];
  let best = 0;
  while (trees.length < rules.maxTrees && (later === undefined || trees.length - best < rules.patience)) {
    for (let row = 0; row < learning.rows; row++) {
      const expected = learning.weights[row]! * Math.exp(margins[row]!);
      gradients[row] = expected - learning.weights[row]! * learning.counts[row]!;
      hessians[row] = expected;
    }
    const used = sample(learning.features, rules.featureShare, random);
    const order = sample(learning.rows, rules.rowShare, random);
    const tree = growTree(binned, order, gradients, hessians, used, rules);
    trees.push(tree);
    addTree(tree, learning, margins);
    if (later !== undefined) {
      addTree(tree, later, laterMargins);
      laterDeviance.push(meanDeviance(later, laterMargins));
      if (laterDeviance.at(-1)! < laterDeviance[best]!) best = trees.length;
    }
    onTree?.(trees.length);
  }
  return { trees: later === undefined ? trees : trees.slice(0, best), laterDeviance };
}

/** Numbers from 0 to before `size`, each with the same chance; at least one. */
function sample(size: number, share: number, random: () => number): Uint32Array {
  const kept = new Uint32Array(size);
  let count = 0;
  for (let n = 0; n < size; n++) if (share >= 1 || random() < share) kept[count++] = n;
  return kept.subarray(0, Math.max(1, count));
}

function addTree(tree: Tree, { rows, features, values }: LearningRows, margins: Float64Array): void {
  for (let row = 0; row < rows; row++) margins[row]! += treeValue(tree, values, row * features);
}
