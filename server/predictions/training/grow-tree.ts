import type { BinnedRows } from './binning.ts';
import { PER_FEATURE, emptyHistogram, fillHistogram, subtractHistogram } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import { bestSplit } from './split.ts';
import type { SplitRules } from './split.ts';
import type { Tree } from './tree.ts';

/** What bounds a tree. */
export interface TreeRules extends SplitRules {
  readonly maxDepth: number;
  /** What a leaf's value is multiplied by. */
  readonly learningRate: number;
  /** Largest value of a leaf before it is multiplied: Poisson's second-order step is too long where rates are small. */
  readonly maxStep: number;
}

interface Leaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly histogram: Histogram;
}

type MutableTree = { -readonly [Key in keyof Tree]: number[] };

/**
 * Grows one tree on the rows in `order` (which is sorted anew: afterwards the rows of a leaf stand together), level by
 * level. Of two children only the smaller one's rows are read for a histogram. `used` are the features that it may ask.
 */
export function growTree(
  rows: BinnedRows,
  order: Uint32Array,
  gradients: Float32Array,
  hessians: Float32Array,
  used: Uint32Array,
  rules: TreeRules,
): Tree {
  const tree: MutableTree = { feature: [], threshold: [], left: [], right: [], value: [] };
  const cutCounts = rows.cuts.map((cuts) => cuts.length);
  const spare = new Uint32Array(order.length);
  const root = emptyHistogram(rows.features);
  fillHistogram(root, rows, order, 0, order.length, gradients, hessians, used);
  const open: Leaf[] = [{ node: addNode(tree), from: 0, to: order.length, depth: 0, histogram: root }];
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    const total = totalOf(leaf.histogram, used[0]!, cutCounts[used[0]!]!);
    const split =
      leaf.depth < rules.maxDepth ? bestSplit(leaf.histogram, cutCounts, used, total, rules) : undefined;
    if (split === undefined) {
      const step = -total.gradient / (total.hessian + rules.l2);
      tree.value[leaf.node] = Math.max(-rules.maxStep, Math.min(rules.maxStep, step)) * rules.learningRate;
      continue;
    }
    const middle = partition(rows, order, spare, leaf.from, leaf.to, split.feature, split.bin);
    const [left, right] = [addNode(tree), addNode(tree)];
    tree.feature[leaf.node] = split.feature;
    tree.threshold[leaf.node] = rows.cuts[split.feature]![split.bin]!;
    tree.left[leaf.node] = left;
    tree.right[leaf.node] = right;
    const isLeftSmaller = middle - leaf.from <= leaf.to - middle;
    const smaller = emptyHistogram(rows.features);
    const [from, to] = isLeftSmaller ? [leaf.from, middle] : [middle, leaf.to];
    fillHistogram(smaller, rows, order, from, to, gradients, hessians, used);
    subtractHistogram(leaf.histogram, smaller);
    const [leftHistogram, rightHistogram] = isLeftSmaller
      ? [smaller, leaf.histogram]
      : [leaf.histogram, smaller];
    const depth = leaf.depth + 1;
    open.push({ node: right, from: middle, to: leaf.to, depth, histogram: rightHistogram });
    open.push({ node: left, from: leaf.from, to: middle, depth, histogram: leftHistogram });
  }
  return tree;
}

function addNode(tree: MutableTree): number {
  tree.threshold.push(0);
  tree.left.push(-1);
  tree.right.push(-1);
  tree.value.push(0);
  return tree.feature.push(-1) - 1;
}

/** The sums of all rows: those of any one feature's bins together. */
function totalOf(histogram: Histogram, feature: number, cuts: number): { gradient: number; hessian: number } {
  let gradient = 0;
  let hessian = 0;
  for (let bin = 0; bin <= cuts; bin++) {
    gradient += histogram[feature * PER_FEATURE + bin * 2]!;
    hessian += histogram[feature * PER_FEATURE + bin * 2 + 1]!;
  }
  return { gradient, hessian };
}

/** Moves the rows that go left before those that go right, each in their former order; returns where the latter begin. */
function partition(
  { bins, features }: BinnedRows,
  order: Uint32Array,
  spare: Uint32Array,
  from: number,
  to: number,
  feature: number,
  bin: number,
): number {
  let left = from;
  let right = 0;
  for (let n = from; n < to; n++) {
    const row = order[n]!;
    if (bins[row * features + feature]! <= bin) order[left++] = row;
    else spare[right++] = row;
  }
  order.set(spare.subarray(0, right), left);
  return left;
}
