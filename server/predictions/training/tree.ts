/**
 * A binary regression tree, its nodes in parallel arrays. A node with `feature` -1 is a leaf and has its `value`; any other
 * sends a row to `left` when the row's feature is at most `threshold`, and to `right` otherwise. Thresholds are
 * exact 32-bit floats, so that every runtime that compares 32-bit features takes the same branch.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** The value of the leaf that a row of `values`, which begins at `offset`, falls into. */
export function treeValue(tree: Tree, values: Float32Array, offset: number): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node]!;
    if (feature < 0) return tree.value[node]!;
    node = values[offset + feature]! <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
  }
}
