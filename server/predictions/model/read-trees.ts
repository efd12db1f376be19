import type { Tree } from '../training/tree.ts';

/** The attributes of a tree ensemble that its trees are made of, as they stand in an ONNX file. */
interface Attribute {
  readonly name: string;
  readonly ints: readonly (number | { toNumber(): number })[];
  readonly floats: readonly number[];
  readonly strings: readonly Uint8Array[];
}

/** The trees of a `TreeEnsembleRegressor`, as `write-onnx.ts` writes them: a champion is tested without the runtime. */
export function readTrees(attributes: readonly Attribute[]): readonly Tree[] {
  const named = new Map(attributes.map((attribute) => [attribute.name, attribute]));
  const ints = (name: string) => (named.get(name)?.ints ?? []).map(Number);
  const floats = (name: string) => named.get(name)?.floats ?? [];
  const [treeIds, nodeIds] = [ints('nodes_treeids'), ints('nodes_nodeids')];
  const [features, left, right] = [
    ints('nodes_featureids'),
    ints('nodes_truenodeids'),
    ints('nodes_falsenodeids'),
  ];
  const thresholds = floats('nodes_values');
  const modes = (named.get('nodes_modes')?.strings ?? []).map((mode) => Buffer.from(mode).toString('latin1'));
  const leaves = new Map<string, number>();
  const [leafTrees, leafNodes, weights] = [
    ints('target_treeids'),
    ints('target_nodeids'),
    floats('target_weights'),
  ];
  leafTrees.forEach((tree, n) => leaves.set(`${tree} ${leafNodes[n]!}`, weights[n]!));
  const trees: { -readonly [Key in keyof Tree]: number[] }[] = [];
  treeIds.forEach((treeId, n) => {
    const tree = (trees[treeId] ??= { feature: [], threshold: [], left: [], right: [], value: [] });
    const isLeaf = modes[n] === 'LEAF';
    tree.feature.push(isLeaf ? -1 : features[n]!);
    tree.threshold.push(thresholds[n]!);
    tree.left.push(left[n]!);
    tree.right.push(right[n]!);
    tree.value.push(isLeaf ? (leaves.get(`${treeId} ${nodeIds[n]!}`) ?? 0) : 0);
  });
  return trees;
}
