import { expect, it } from 'vitest';
import { inTransaction } from '../../server/db/transaction.ts';
import { changeChampion } from '../../server/predictions/champion-store.ts';
import { pruneModels } from '../../server/predictions/model-store.ts';
import { useTestDatabase } from '../support/database.ts';
import { BURGLARY, NOW, prepareSeries } from './predictions-fixtures.ts';

it('lets old models go, but for those that speak or spoke lately, whose artefacts stay, too', async () => {
  const { pool } = await useTestDatabase();
  await prepareSeries(pool, [BURGLARY]);
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, decision, reason, trained_at)
     SELECT gen_random_uuid(), 'cell-9', 'burglary', 'trained', 1, repeat('a', 64), $1, 'kept', 'Not better.',
       $1::timestamptz - n * interval '1 day' FROM generate_series(0, 119) n RETURNING id`,
    [NOW],
  );
  const ids = rows.map(({ id }) => id);
  await pool.query(`INSERT INTO model_artefacts SELECT id, 'x' FROM models WHERE kind = 'trained'`);
  // Twelve came to speak one after the other, the oldest last; ten changes are kept.
  const spoke = ids.slice(-12);
  for (const modelId of spoke)
    await inTransaction(pool, (tx) =>
      changeChampion(tx, { series: BURGLARY, modelId, cause: 'gate', by: null }, NOW),
    );
  await pruneModels(pool);
  const kept = async (from: string) =>
    (await pool.query<{ id: string }>(`SELECT ${from}`)).rows.map(({ id }) => id).toSorted();
  const remembered = spoke.slice(-10);
  expect(await kept('model_id AS id FROM model_artefacts')).toEqual(
    [...ids.slice(0, 5), ...remembered].toSorted(),
  );
  expect(await kept(`id FROM models WHERE kind = 'trained'`)).toEqual(
    [...ids.slice(0, 90), ...remembered].toSorted(),
  );
  const { rows: counts } = await pool.query(
    `SELECT (SELECT count(*)::int FROM models) AS models, (SELECT count(*)::int FROM champion_changes) AS changes`,
  );
  expect(counts).toEqual([{ models: 90 + 10 + 1, changes: 10 }]);
});
