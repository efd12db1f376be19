import type { ForecastModel } from '../../server/predictions/model/forecast-model.ts';
import { artefactOf } from '../../server/predictions/model/read-artefact.ts';
import { BOOST_RULES } from '../../server/predictions/model/fit-model.ts';
import { openGraph } from '../../server/predictions/onnx.ts';
import { kernelColumns } from '../../server/predictions/features/kernel-columns.ts';
import { boost } from '../../server/predictions/training/boost.ts';
import type { LearningRows } from '../../server/predictions/training/boost.ts';
import { TREE_INPUTS } from '../../server/predictions/training/learning-rows.ts';
import { seededRandom } from '../../server/platform/seeded-random.ts';
import type { Figure } from './read-bench.ts';

const ROWS = 1_000_000;
const LATER_ROWS = 100_000;
const TREES = 60;
const MIB = 2 ** 20;
const SERIES = { placeKind: 'cell-9', category: 'all' } as const;

/**
 * Boosting and scoring alone: as many trees as a city's register came to, grown once from a million rows of random numbers, and as many rows scored by
 * ONNX on one thread. What a whole training of a series takes, `liveWhileTraining` measures.
 */
export async function forecasts(): Promise<readonly Figure[]> {
  const learning = rowsOf(ROWS, 1);
  const later = rowsOf(LATER_ROWS, 2);
  const startedAt = performance.now();
  const { trees } = boost(learning, later, { ...BOOST_RULES, maxTrees: TREES, patience: TREES });
  const boostedMs = performance.now() - startedAt;
  const residentMib = process.memoryUsage().rss / MIB;
  const kernel = new Float64Array(kernelColumns(SERIES.placeKind, SERIES.category).length + 1).fill(1);
  const model: ForecastModel = { kernel, trees, spread: 0, procedure: '' };
  const graph = await openGraph(artefactOf(SERIES, model).onnx, 1);
  const scoredAt = performance.now();
  await graph.run(learning.values);
  const scoredMs = performance.now() - scoredAt;
  await graph.close();
  return [
    {
      name: `${TREES} trees grown once from 1,000,000 rows of ${TREE_INPUTS} random numbers`,
      value: boostedMs / 1000,
      unit: 's',
      goal: '< 60',
    },
    {
      name: 'resident memory of the whole process right after that',
      value: residentMib,
      unit: 'MiB',
      goal: '< 2048',
    },
    {
      name: `1,000,000 rows scored by ${trees.length} trees in ONNX`,
      value: scoredMs / 1000,
      unit: 's',
      goal: '< 10',
    },
  ];
}

/** Rows as sparse as incidents are: half of the features are small counts, mostly none. */
function rowsOf(rows: number, seed: number): LearningRows {
  const random = seededRandom(seed);
  const values = new Float32Array(rows * TREE_INPUTS);
  const counts = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * TREE_INPUTS;
    const rate = 0.005 + 0.1 * random() ** 6;
    values[at] = Math.log(rate);
    for (let n = 1; n < TREE_INPUTS; n++)
      values[at + n] = n % 2 === 0 ? Math.floor(random() ** 4 * 8) : random();
    counts[row] = random() < rate * (0.5 + values[at + 2]! / 4) ? 1 : 0;
  }
  const margins = Float32Array.from({ length: rows }, (_, row) => values[row * TREE_INPUTS]!);
  return { rows, features: TREE_INPUTS, values, counts, weights: new Float32Array(rows).fill(1), margins };
}
