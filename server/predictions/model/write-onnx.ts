import { TREE_INPUTS } from '../training/learning-rows.ts';
import type { Tree } from '../training/tree.ts';
import type { ForecastModel } from './forecast-model.ts';
import { ModelProto } from './onnx-schema.ts';

/** Name of the graph's input, rows of `TREE_INPUTS` numbers, and of its output, one expected count a row. */
export const INPUT = 'rows';
export const OUTPUT = 'expected';
/** Key of the kernel's weights among the file's metadata: a JSON array of numbers. */
export const KERNEL_KEY = 'halo.kernel';
/** Key of the spread: see `ForecastModel`. */
export const SPREAD_KEY = 'halo.spread';
/** Key of the way in which it was learnt: see `ForecastModel`. */
export const PROCEDURE_KEY = 'halo.procedure';
/** Key of the version of the features. */
export const FEATURES_VERSION_KEY = 'halo.features_version';

const IR_VERSION = 8;
const OPSET = 13;
const ML_OPSET = 3;
/** Codes of TensorProto.DataType and AttributeProto.AttributeType. */
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { int: 2, floats: 6, ints: 7, strings: 8, string: 3 } as const;

/**
 * A model as an ONNX file: exp(margin + the trees' sum), where a row's first number is the margin, the logarithm of what the kernel
 * expects. The kernel's own weights stand in the file's metadata, since its columns are sums over what is known, which is no
 * matter of a graph.
 */
export function writeOnnx(
  { kernel, trees, spread, procedure }: ForecastModel,
  featuresVersion: number,
): Uint8Array {
  const margin = node('Gather', [INPUT, 'first'], ['margin'], [intAttribute('axis', 1)]);
  const sum = node('Add', ['margin', 'correction'], ['log_expected']);
  const withTrees = [ensembleNode(trees), margin, sum, node('Exp', ['log_expected'], [OUTPUT])];
  const model = {
    ir_version: IR_VERSION,
    producer_name: 'halo',
    opset_import: [
      { domain: '', version: OPSET },
      { domain: 'ai.onnx.ml', version: ML_OPSET },
    ],
    graph: {
      name: 'forecast',
      node: trees.length > 0 ? withTrees : [margin, node('Exp', ['margin'], [OUTPUT])],
      initializer: [{ name: 'first', dims: [1], data_type: INT64, int64_data: [0] }],
      input: [valueInfo(INPUT, TREE_INPUTS)],
      output: [valueInfo(OUTPUT, 1)],
    },
    metadata_props: [
      { key: KERNEL_KEY, value: JSON.stringify([...kernel]) },
      { key: SPREAD_KEY, value: String(spread) },
      { key: PROCEDURE_KEY, value: procedure },
      { key: FEATURES_VERSION_KEY, value: String(featuresVersion) },
    ],
  };
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
}

/** The trees as the operator of ONNX's machine-learning domain (onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html). */
function ensembleNode(trees: readonly Tree[]): object {
  const nodes = trees.flatMap((tree, treeId) =>
    tree.feature.map((feature, nodeId) => ({ tree, treeId, nodeId, feature })),
  );
  const leaves = nodes.filter(({ feature }) => feature < 0);
  const ints = (name: string, of: (each: (typeof nodes)[number]) => number, from = nodes) => ({
    name,
    type: ATTRIBUTE.ints,
    ints: from.map(of),
  });
  const attributes = [
    intAttribute('n_targets', 1),
    { name: 'aggregate_function', type: ATTRIBUTE.string, s: Buffer.from('SUM') },
    { name: 'post_transform', type: ATTRIBUTE.string, s: Buffer.from('NONE') },
    ints('nodes_treeids', ({ treeId }) => treeId),
    ints('nodes_nodeids', ({ nodeId }) => nodeId),
    ints('nodes_featureids', ({ feature }) => Math.max(0, feature)),
    {
      name: 'nodes_modes',
      type: ATTRIBUTE.strings,
      strings: nodes.map(({ feature }) => Buffer.from(feature < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    },
    {
      name: 'nodes_values',
      type: ATTRIBUTE.floats,
      floats: nodes.map(({ tree, nodeId }) => tree.threshold[nodeId]!),
    },
    ints('nodes_truenodeids', ({ tree, nodeId }) => Math.max(0, tree.left[nodeId]!)),
    ints('nodes_falsenodeids', ({ tree, nodeId }) => Math.max(0, tree.right[nodeId]!)),
    ints('target_treeids', ({ treeId }) => treeId, leaves),
    ints('target_nodeids', ({ nodeId }) => nodeId, leaves),
    ints('target_ids', () => 0, leaves),
    {
      name: 'target_weights',
      type: ATTRIBUTE.floats,
      floats: leaves.map(({ tree, nodeId }) => tree.value[nodeId]!),
    },
  ];
  return { ...node('TreeEnsembleRegressor', [INPUT], ['correction'], attributes), domain: 'ai.onnx.ml' };
}

function node(
  op_type: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly object[] = [],
) {
  return { op_type, name: op_type, input, output, attribute };
}

function intAttribute(name: string, i: number) {
  return { name, type: ATTRIBUTE.int, i };
}

function valueInfo(name: string, width: number) {
  const shape = { dim: [{ dim_param: 'rows' }, { dim_value: width }] };
  return { name, type: { tensor_type: { elem_type: FLOAT, shape } } };
}
