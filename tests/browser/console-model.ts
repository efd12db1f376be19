import type { Pool } from '../../server/db/pool.ts';
import { FEATURES_VERSION } from '../../server/predictions/features/features.ts';
import { kernelColumns } from '../../server/predictions/features/kernel-columns.ts';
import { artefactOf } from '../../server/predictions/model/read-artefact.ts';
import { boost } from '../../server/predictions/training/boost.ts';
import { TREE_INPUTS } from '../../server/predictions/training/learning-rows.ts';
import { seededRandom } from '../../server/platform/seeded-random.ts';

const SERIES = { placeKind: 'cell-9', category: 'all' } as const;
const ROWS = 2_000;

/** Puts a small model of its own series beside the baseline: trained on noise, but its file is a real one and can be scored with. */
export async function insertSmallModel(pool: Pool, id: string): Promise<void> {
  const random = seededRandom(5);
  const values = Float32Array.from({ length: ROWS * TREE_INPUTS }, () => random());
  const { trees } = boost(
    {
      ...{ rows: ROWS, features: TREE_INPUTS, values, weights: new Float32Array(ROWS).fill(1) },
      counts: Float32Array.from({ length: ROWS }, () => (random() < 0.1 ? 1 : 0)),
      margins: new Float32Array(ROWS).fill(-2),
    },
    undefined,
    {
      ...{ maxTrees: 3, patience: 1, rowShare: 1, featureShare: 1, seed: 1, maxDepth: 2, learningRate: 0.1 },
      ...{ maxStep: 0.7, l2: 1, minLeafHessian: 5, minGain: 0 },
    },
  );
  const kernel = Float64Array.from({ length: kernelColumns('cell-9', 'all').length + 1 }, () => random());
  const { onnx, sha256 } = artefactOf(SERIES, { kernel, trees, spread: 0.2, procedure: '' });
  await pool.query(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, decision, reason, trained_at)
     VALUES ($1, $2, $3, 'trained', $5, $4, now(), 'kept', 'Not surely better.', now())`,
    [id, SERIES.placeKind, SERIES.category, sha256, FEATURES_VERSION],
  );
  await pool.query('INSERT INTO model_artefacts (model_id, onnx) VALUES ($1, $2)', [id, onnx]);
}
