import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../platform/seeded-random.ts';
import { kernelColumns } from './features/kernel-columns.ts';
import type { ForecastModel } from './model/forecast-model.ts';
import { expectedOf } from './model/forecast-model.ts';
import { artefactOf, modelOf } from './model/read-artefact.ts';
import { openGraph } from './onnx.ts';
import type { Graph } from './onnx.ts';
import { boost } from './training/boost.ts';
import { TREE_INPUTS } from './training/learning-rows.ts';

const SERIES = { placeKind: 'cell-9', category: 'all' } as const;
const ROWS = 20_000;
const random = seededRandom(9);
// Half of the features are small whole numbers: rows then lie exactly on thresholds.
const values = Float32Array.from({ length: ROWS * TREE_INPUTS }, (_, n) =>
  n % TREE_INPUTS === 0
    ? Math.log(0.001 + random())
    : n % 2 === 0
      ? Math.floor(random() * 6)
      : random() * 100 - 50,
);
const margins = Float32Array.from({ length: ROWS }, (_, row) => values[row * TREE_INPUTS]!);
const counts = Float32Array.from({ length: ROWS }, (_, row) =>
  values[row * TREE_INPUTS + 2]! > 3 && random() < 0.5 ? 1 : 0,
);
const { trees } = boost(
  { rows: ROWS, features: TREE_INPUTS, values, counts, weights: new Float32Array(ROWS).fill(1), margins },
  undefined,
  {
    maxTrees: 60,
    patience: 1,
    rowShare: 0.5,
    featureShare: 0.7,
    seed: 1,
    maxDepth: 5,
    learningRate: 0.1,
    maxStep: 0.7,
    l2: 1,
    minLeafHessian: 5,
    minGain: 0,
  },
);
const kernel = Float64Array.from({ length: kernelColumns('cell-9', 'all').length + 1 }, () => random());
const model: ForecastModel = { kernel, trees, spread: 0.2, procedure: 'as in this test' };
const artefact = artefactOf(SERIES, model);

describe('the ONNX graph', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await openGraph(artefact.onnx, 1);
  });
  afterAll(() => graph.close());

  it('expects what the trees do, to a hundred-thousandth', async () => {
    const expected = await graph.run(values);
    let worst = 0;
    for (let row = 0; row < ROWS; row++) {
      const own = expectedOf(model, values, row * TREE_INPUTS);
      worst = Math.max(worst, Math.abs(expected[row]! - own) / own);
    }
    expect(worst).toBeLessThan(1e-5);
  });

  it('takes as many rows as there are, none too', async () => {
    expect(await graph.run(values.subarray(0, TREE_INPUTS))).toHaveLength(1);
    expect(await graph.run(new Float32Array())).toHaveLength(0);
  });

  it('is the kernel alone where there are no trees', async () => {
    const plain = await openGraph(artefactOf(SERIES, { ...model, trees: [], spread: 0 }).onnx, 1);
    const [expected] = await plain.run(values.subarray(0, TREE_INPUTS));
    await plain.close();
    expect(expected).toBeCloseTo(Math.exp(margins[0]!), 5);
  });
});

it('tells a runtime that opens nothing from a model that is damaged', async () => {
  await expect(openGraph(Uint8Array.from([1, 2, 3]), 1)).rejects.toThrow(
    expect.objectContaining({ code: 'onnx_runtime_failed' }) as Error,
  );
});

describe('an artefact', () => {
  const refused = expect.objectContaining({ code: 'artefact_unusable' }) as Error;

  it('is read back as it was', () => {
    const again = modelOf(artefact);
    expect(again.kernel).toEqual(kernel);
    expect(again.spread).toBe(0.2);
    expect(again.procedure).toBe(model.procedure);
    expect(again.trees.map(({ feature }) => feature)).toEqual(trees.map(({ feature }) => feature));
    const rounded = trees.map(({ value }) => value.map(Math.fround));
    expect(again.trees.map(({ value }) => value)).toEqual(rounded);
  });

  it('is refused when a byte has changed, and when it is of other features or another series', () => {
    const damaged = Uint8Array.from(artefact.onnx);
    damaged[100]! ^= 1;
    expect(() => modelOf({ ...artefact, onnx: damaged })).toThrow(refused);
    expect(() => modelOf({ ...artefact, featuresVersion: artefact.featuresVersion + 1 })).toThrow(
      expect.objectContaining({ code: 'features_differ' }) as Error,
    );
    expect(() => modelOf({ ...artefact, series: { placeKind: 'cell-10', category: 'all' } })).toThrow(
      refused,
    );
    const noFile = Uint8Array.from([1, 2, 3]);
    const sha256 = createHash('sha256').update(noFile).digest('hex');
    expect(() => modelOf({ ...artefact, onnx: noFile, sha256 })).toThrow(refused);
  });
});
