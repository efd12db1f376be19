import type { Queryable, Transaction } from '../db/pool.ts';
import { spokeBefore } from './champion-history.ts';
import type { ChangeCause, PastChange } from './champion-history.ts';
import { FEATURES_VERSION } from './features/features.ts';
import type { PlaceKind, Series } from './forecast.ts';
import { MODEL_COLUMNS } from './model-store.ts';
import type { Model } from './model-store.ts';

/** Changes of a series that are looked at, the newest. */
const MAX_CHANGES_READ = 100;

/** The model that speaks for a series. */
export interface Champion extends Model {
  readonly pinned: boolean;
  readonly pinnedBy: string | null;
  readonly since: Date;
}

/** Who speaks from now on, and why. */
export interface Change {
  readonly series: Series;
  readonly modelId: string;
  readonly cause: ChangeCause;
  /** Whoever decided it; null where no person did. */
  readonly by: string | null;
}

/**
 * Sees to it that each series has a baseline, and somebody who speaks for it: the baseline, where there was nobody.
 */
export async function ensureChampions(
  tx: Transaction,
  series: readonly Series[],
  newId: () => string,
  now: Date,
): Promise<void> {
  for (const { placeKind, category } of series) {
    await tx.query(
      `INSERT INTO models (id, place_kind, category, kind, cut_off, decision, reason, trained_at)
       VALUES ($1, $2, $3, 'baseline', $4, 'baseline', 'Nothing has been trained yet.', $4)
       ON CONFLICT (place_kind, category) WHERE kind = 'baseline' DO NOTHING`,
      [newId(), placeKind, category, now],
    );
    await tx.query(
      `WITH first AS (
         INSERT INTO champions (place_kind, category, model_id, since)
         SELECT place_kind, category, id, $3 FROM models WHERE place_kind = $1 AND category = $2 AND kind = 'baseline'
         ON CONFLICT DO NOTHING RETURNING model_id
       )
       INSERT INTO champion_changes (place_kind, category, model_id, cause, changed_at)
       SELECT $1, $2, model_id, 'first', $3 FROM first`,
      [placeKind, category, now],
    );
  }
}

/** Who speaks for each series, in a stable order. */
export async function readChampions(db: Queryable): Promise<Champion[]> {
  const { rows } = await db.query<Champion>(
    `SELECT ${MODEL_COLUMNS}, c.pinned, c.pinned_by AS "pinnedBy", c.since
     FROM champions c JOIN models m ON m.id = c.model_id ORDER BY c.place_kind, c.category`,
  );
  return rows;
}

/** Who speaks for a series, and how it came to. */
export interface Current {
  readonly modelId: string;
  readonly pinned: boolean;
  readonly cause: ChangeCause | null;
}

/** Who speaks for a series, locked until the transaction ends; undefined before the first run. */
export async function lockChampion(
  tx: Transaction,
  { placeKind, category }: Series,
): Promise<Current | undefined> {
  const { rows } = await tx.query<Current>(
    `SELECT model_id AS "modelId", pinned, (
       SELECT cause FROM champion_changes WHERE place_kind = $1 AND category = $2 ORDER BY id DESC LIMIT 1) AS cause
     FROM champions WHERE place_kind = $1 AND category = $2 FOR UPDATE`,
    [placeKind, category],
  );
  return rows[0];
}

/** Lets a model speak from now on. An operator's pin keeps it there; all other causes end a pin. */
export async function changeChampion(tx: Transaction, change: Change, now: Date): Promise<void> {
  const { series, modelId, cause, by } = change;
  const pinned = cause === 'pin';
  await tx.query(
    `INSERT INTO champions AS c (place_kind, category, model_id, pinned, pinned_by, since) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (place_kind, category) DO UPDATE SET model_id = EXCLUDED.model_id, pinned = EXCLUDED.pinned,
       pinned_by = EXCLUDED.pinned_by,
       since = CASE WHEN c.model_id = EXCLUDED.model_id THEN c.since ELSE EXCLUDED.since END`,
    [series.placeKind, series.category, modelId, pinned, pinned ? by : null, now],
  );
  await tx.query(
    `INSERT INTO champion_changes (place_kind, category, model_id, cause, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [series.placeKind, series.category, modelId, cause, by, now],
  );
}

/**
 * The model that spoke before the one that speaks now and can be used by these features; undefined where there is none, as far as
 * changes are kept. What was taken back is not gone back to.
 */
export async function previousChampion(
  tx: Transaction,
  { placeKind, category }: Series,
  currentId: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<PastChange & { isUsable: boolean }>(
    `SELECT change.model_id AS "modelId", change.cause, m.kind = 'baseline' OR (m.unusable_at IS NULL AND m.features_version = $3
       AND EXISTS (SELECT FROM model_artefacts a WHERE a.model_id = m.id)) AS "isUsable"
     FROM champion_changes change JOIN models m ON m.id = change.model_id
     WHERE change.place_kind = $1 AND change.category = $2 ORDER BY change.id DESC LIMIT ${MAX_CHANGES_READ}`,
    [placeKind, category, FEATURES_VERSION],
  );
  const usable = new Set(rows.filter(({ isUsable }) => isUsable).map(({ modelId }) => modelId));
  return spokeBefore(rows.reverse()).find((id) => id !== currentId && usable.has(id));
}

/** The baseline of a series; every series has one from its first run on. */
export async function baselineOf(tx: Transaction, { placeKind, category }: Series): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM models WHERE place_kind = $1 AND category = $2 AND kind = 'baseline'`,
    [placeKind, category],
  );
  if (rows[0] === undefined) throw new Error(`the series ${placeKind} ${category} has no baseline`);
  return rows[0].id;
}

/** A change as it is kept. */
export interface ChangeRecord {
  readonly modelId: string;
  readonly cause: ChangeCause;
  readonly changedBy: string | null;
  readonly changedAt: Date;
}

/** How a series came to whoever speaks for it now, the latest change first. */
export async function listChanges(
  db: Queryable,
  { placeKind, category }: { readonly placeKind: PlaceKind; readonly category: string },
): Promise<ChangeRecord[]> {
  const { rows } = await db.query<ChangeRecord>(
    `SELECT model_id AS "modelId", cause, changed_by AS "changedBy", changed_at AS "changedAt" FROM champion_changes
     WHERE place_kind = $1 AND category = $2 ORDER BY id DESC LIMIT ${MAX_CHANGES_READ}`,
    [placeKind, category],
  );
  return rows;
}
