import { createHash } from 'node:crypto';
import { comesAfter, microsOf } from '../db/keyset.ts';
import type { Queryable, Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import type { KeysetPosition } from '../platform/keyset-cursor.ts';
import type { Artefact, PlaceKind, Series } from './forecast.ts';

/** Models that are kept of each series, the newest; what speaks, or has spoken lately, stays besides. */
const MAX_MODELS_KEPT = 90;
/** Artefacts that are kept of each series, the newest; those of the models that spoke lately stay besides. */
const MAX_ARTEFACTS_KEPT = 5;
/** How many models back a series can be rolled. */
export const MAX_CHANGES_KEPT = 10;

/** A model as it is kept. */
export interface Model {
  readonly id: string;
  readonly placeKind: PlaceKind;
  readonly category: string;
  readonly kind: 'trained' | 'baseline';
  readonly featuresVersion: number | null;
  readonly sha256: string | null;
  readonly cutOff: Date;
  readonly samples: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>> | null;
  readonly decision: 'promoted' | 'kept' | 'baseline' | 'failed';
  readonly reason: string;
  readonly runId: string | null;
  readonly trainedAt: Date;
  readonly durationMs: number;
  readonly unusableAt: Date | null;
  readonly unusableCode: string | null;
  readonly unusableReason: string | null;
}

export const MODEL_COLUMNS = `m.id, m.place_kind AS "placeKind", m.category, m.kind, m.features_version AS "featuresVersion", m.sha256,
  m.cut_off AS "cutOff", m.samples, m.metrics, m.decision, m.reason, m.run_id AS "runId", m.trained_at AS "trainedAt",
  m.duration_ms AS "durationMs", m.unusable_at AS "unusableAt", m.unusable_code AS "unusableCode",
  m.unusable_reason AS "unusableReason"`;

/** What is recorded of a training. */
export interface NewModel {
  readonly id: string;
  readonly series: Series;
  /** Undefined where the training failed. */
  readonly artefact: Artefact | undefined;
  readonly cutOff: Date;
  readonly samples: object;
  readonly metrics: object | null;
  readonly decision: Model['decision'];
  readonly reason: string;
  readonly runId: string;
  readonly durationMs: number;
}

/** Records a training and keeps its artefact. */
export async function recordModel(tx: Transaction, model: NewModel, now: Date): Promise<void> {
  const { series, artefact } = model;
  await tx.query(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, samples, metrics, decision, reason,
       run_id, trained_at, duration_ms)
     VALUES ($1, $2, $3, 'trained', $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11, $12, $13)`,
    [
      model.id,
      series.placeKind,
      series.category,
      artefact?.featuresVersion ?? null,
      artefact?.sha256 ?? null,
      model.cutOff,
      JSON.stringify(model.samples),
      model.metrics === null ? null : JSON.stringify(model.metrics),
      model.decision,
      model.reason,
      model.runId,
      now,
      model.durationMs,
    ],
  );
  if (artefact === undefined) return;
  await tx.query('INSERT INTO model_artefacts (model_id, onnx) VALUES ($1, $2)', [
    model.id,
    Buffer.from(artefact.onnx),
  ]);
}

/** Notes on a series' baseline why it was not challenged at a cut-off. */
export async function noteOnBaseline(
  db: Queryable,
  { placeKind, category }: Series,
  { reason, runId, cutOff }: { readonly reason: string; readonly runId: string; readonly cutOff: Date },
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE models SET reason = $3, run_id = $4, cut_off = $5, trained_at = $6
     WHERE place_kind = $1 AND category = $2 AND kind = 'baseline'`,
    [placeKind, category, reason, runId, cutOff, now],
  );
}

/**
 * Reads the artefact of a model; undefined for a baseline, which has none.
 *
 * @throws HaloError `artefact_unusable` where it is missing, or not what was stored
 */
export async function loadArtefact(db: Queryable, id: string): Promise<Artefact | undefined> {
  const { rows } = await db.query<Model & { onnx: Buffer | null }>(
    `SELECT ${MODEL_COLUMNS}, a.onnx FROM models m LEFT JOIN model_artefacts a ON a.model_id = m.id WHERE m.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row?.kind === 'baseline') return undefined;
  if (row === undefined || row.onnx === null || row.sha256 === null || row.featuresVersion === null)
    throw new HaloError('artefact_unusable', `The model ${id} has no artefact.`);
  if (createHash('sha256').update(row.onnx).digest('hex') !== row.sha256)
    throw new HaloError('artefact_unusable', `The artefact of the model ${id} is damaged.`);
  return {
    series: { placeKind: row.placeKind, category: row.category },
    featuresVersion: row.featuresVersion,
    // A copy of its own: what is sent to a thread takes the whole memory along that it lies in.
    onnx: new Uint8Array(row.onnx),
    sha256: row.sha256,
  };
}

/** Marks a model whose artefact could not be used; what was found first stays. */
export async function markUnusable(
  tx: Transaction,
  id: string,
  { code, reason }: { readonly code: string; readonly reason: string },
  now: Date,
): Promise<void> {
  await tx.query(
    `UPDATE models SET unusable_at = $2, unusable_code = $3, unusable_reason = $4 WHERE id = $1 AND unusable_at IS NULL`,
    [id, now, code, reason],
  );
}

/** One model. */
export async function findModel(db: Queryable, id: string): Promise<Model | undefined> {
  const { rows } = await db.query<Model>(`SELECT ${MODEL_COLUMNS} FROM models m WHERE m.id = $1`, [id]);
  return rows[0];
}

/** Whether the artefact of a model is kept. */
export async function hasArtefact(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query('SELECT model_id FROM model_artefacts WHERE model_id = $1', [id]);
  return rowCount === 1;
}

/** The model that was trained last of each series, as far as any was. */
export async function latestTrained(db: Queryable): Promise<Model[]> {
  const { rows } = await db.query<Model>(
    `SELECT DISTINCT ON (m.place_kind, m.category) ${MODEL_COLUMNS} FROM models m WHERE m.kind = 'trained'
     ORDER BY m.place_kind, m.category, m.trained_at DESC, m.id DESC`,
  );
  return rows;
}

/** Models that come after a position, the newest first. */
export async function listModels(
  db: Queryable,
  {
    placeKind,
    category,
  }: { readonly placeKind?: string | undefined; readonly category?: string | undefined },
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: Model; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<Model & { micros: number }>(
    `SELECT ${MODEL_COLUMNS}, ${microsOf('m.trained_at')} AS micros FROM models m
     WHERE ($1::text IS NULL OR m.place_kind = $1) AND ($2::text IS NULL OR m.category = $2)
       AND ($3::float8 IS NULL OR ${comesAfter('m.trained_at', 'm.id', '$3', '$4')})
     ORDER BY m.trained_at DESC, m.id DESC LIMIT $5`,
    [placeKind ?? null, category ?? null, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, ...item }) => ({ item, position: { micros, id: item.id } }));
}

/** Lets go of old models and artefacts that nothing speaks by, nor did lately. */
export async function pruneModels(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM champion_changes WHERE id IN (SELECT id FROM (
       SELECT id, row_number() OVER (PARTITION BY place_kind, category ORDER BY id DESC) AS place FROM champion_changes
     ) numbered WHERE place > ${MAX_CHANGES_KEPT})`,
  );
  const old = (kept: number) => `
    m.id IN (SELECT id FROM (
      SELECT id, row_number() OVER (PARTITION BY place_kind, category ORDER BY trained_at DESC, id DESC) AS place FROM models
      WHERE kind = 'trained'
    ) numbered WHERE place > ${kept})
    AND m.kind = 'trained' AND m.id NOT IN (SELECT model_id FROM champions)
    AND m.id NOT IN (SELECT model_id FROM champion_changes)`;
  await db.query(
    `DELETE FROM model_artefacts a USING models m WHERE m.id = a.model_id AND ${old(MAX_ARTEFACTS_KEPT)}`,
  );
  await db.query(
    `DELETE FROM models m WHERE ${old(MAX_MODELS_KEPT)} AND m.id NOT IN (SELECT DISTINCT model_id FROM predictions)`,
  );
}
