import type { Series } from './forecast.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import type { RankedForecast } from './rank-forecasts.ts';
import { lockRunning } from '../jobs/run-store.ts';

/** How long a row counts as fresh after it was computed; its window's end may come first. */
export const VALID_FOR_MS = 24 * 3_600_000;
/** A row that says the same as before is written again only when it would be stale in less than this. */
export const RENEW_BEFORE_MS = 12 * 3_600_000;

/** Rows that are drafted with one statement. */
const BATCH = 5_000;

/** Columns that a run computes, in the order of a draft. */
const COMPUTED =
  'category, place, window_start, window_end, place_kind, region, lat, lon, expected, lower, upper, rank, band, reasons, model_id';
/** What makes a row another one. */
const SAID = [
  'window_end',
  'place_kind',
  'region',
  'lat',
  'lon',
  'expected',
  'lower',
  'upper',
  'rank',
].concat(['band', 'reasons', 'model_id']);

/** Where the forecasts of a series come from. */
export interface Speaker {
  readonly series: Series;
  readonly modelId: string;
}

/** What a set changed when it was put in force. */
export interface SetChanges {
  readonly rows: number;
  readonly written: number;
  readonly deleted: number;
}

/** Keeps what a run has computed of a series until all of the set is put in force: all of it, or nothing when it rejects. */
export async function draftPredictions(
  pool: Pool,
  runId: string,
  speaker: Speaker,
  cutOff: Date,
  forecasts: readonly RankedForecast[],
  signal: AbortSignal,
): Promise<void> {
  // In one transaction: a thread that is ended in the middle leaves no drafts that nobody would throw away.
  await inTransaction(pool, async (tx) => {
    for (let from = 0; from < forecasts.length; from += BATCH) {
      signal.throwIfAborted();
      await insertDrafts(tx, runId, speaker, cutOff, forecasts.slice(from, from + BATCH));
    }
  });
}

async function insertDrafts(
  tx: Transaction,
  runId: string,
  { series, modelId }: Speaker,
  cutOff: Date,
  batch: readonly RankedForecast[],
): Promise<void> {
  const of = <T>(value: (forecast: RankedForecast) => T) => batch.map(value);
  await tx.query({
    name: 'draft_predictions',
    text: `INSERT INTO prediction_drafts (run_id, cut_off, category, place_kind, model_id, place, window_start, window_end, region,
             lat, lon, expected, lower, upper, rank, band, reasons)
           SELECT $1, $2, $3, $4, $5, given.* FROM unnest($6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[],
             $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::int[], $16::smallint[],
             $17::jsonb[]) AS given`,
    values: [
      runId,
      cutOff,
      series.category,
      series.placeKind,
      modelId,
      of(({ place }) => place.id),
      of(({ windowStart }) => windowStart),
      of(({ windowEnd }) => windowEnd),
      of(({ place }) => place.region),
      of(({ place }) => place.lat),
      of(({ place }) => place.lon),
      of(({ expected }) => expected),
      of(({ lower }) => lower),
      of(({ upper }) => upper),
      of(({ rank }) => rank),
      of(({ band }) => band),
      of(({ reasons }) => JSON.stringify(reasons)),
    ],
  });
}

/** Throws away the drafts of a run, and those of runs that are no longer under way. */
export async function dropDrafts(pool: Pool, runId: string): Promise<void> {
  await pool.query(
    `DELETE FROM prediction_drafts WHERE run_id = $1 OR run_id NOT IN (SELECT id FROM job_runs WHERE state = 'running')`,
    [runId],
  );
}

/**
 * Replaces all predictions by what a run has drafted, in one transaction that touches only the rows that say something else now,
 * and those that would soon be stale. Rows of windows that are over go.
 *
 * @throws HaloError `run_superseded` when the run is no longer under way, `set_overtaken` when a set of a later cut-off is in
 * force, `champion_changed` when another model speaks for a series by now. Nothing has been changed then.
 */
export async function putInForce(
  pool: Pool,
  runId: string,
  speakers: readonly Speaker[],
  cutOff: Date,
  now: Date,
): Promise<SetChanges> {
  return inTransaction(pool, async (tx) => {
    // One set at a time; readers of the table wait for nothing.
    await tx.query('LOCK TABLE prediction_sets IN EXCLUSIVE MODE');
    await refuseSuperseded(tx, runId, cutOff);
    await refuseOtherSpeakers(tx, speakers);
    const sum = { rows: 0, written: 0, deleted: 0 };
    // By category, so that no statement takes longer than the pool lets it.
    for (const category of new Set(speakers.map(({ series }) => series.category))) {
      const changes = await replaceCategory(tx, runId, category, now);
      for (const count of ['rows', 'written', 'deleted'] as const) sum[count] += changes[count];
    }
    sum.deleted += await deleteOthers(tx, speakers);
    await tx.query(
      `INSERT INTO prediction_sets (run_id, cut_off, computed_at, changed, rows) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (single) DO UPDATE SET run_id = EXCLUDED.run_id, cut_off = EXCLUDED.cut_off,
         computed_at = EXCLUDED.computed_at, changed = EXCLUDED.changed, rows = EXCLUDED.rows`,
      [runId, cutOff, now, sum.written + sum.deleted, sum.rows],
    );
    await tx.query('DELETE FROM prediction_drafts WHERE run_id = $1', [runId]);
    return sum;
  });
}

async function replaceCategory(
  tx: Transaction,
  runId: string,
  category: string,
  now: Date,
): Promise<SetChanges> {
  const { rows: counts } = await tx.query<Omit<SetChanges, 'deleted'>>(
    `WITH draft AS (
       SELECT ${COMPUTED}, cut_off FROM prediction_drafts WHERE run_id = $1 AND category = $2 AND window_end > $3
     ), written AS (
       INSERT INTO predictions AS old (${COMPUTED}, cut_off, computed_at, valid_until)
       SELECT ${COMPUTED}, cut_off, $3, least(window_end, $3::timestamptz + $4 * interval '1 ms') FROM draft
       ON CONFLICT (category, place, window_start) DO UPDATE SET
         ${[...SAID, 'cut_off', 'computed_at', 'valid_until'].map((name) => `${name} = EXCLUDED.${name}`).join(', ')}
       WHERE (${SAID.map((name) => `old.${name}`).join(', ')}) IS DISTINCT FROM
             (${SAID.map((name) => `EXCLUDED.${name}`).join(', ')})
         OR old.valid_until < least(old.window_end, $3::timestamptz + $5 * interval '1 ms')
       RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM draft) AS rows, (SELECT count(*)::int FROM written) AS written`,
    [runId, category, now, VALID_FOR_MS, RENEW_BEFORE_MS],
  );
  const { rowCount: deleted } = await tx.query(
    `DELETE FROM predictions WHERE category = $2 AND (window_end <= $3 OR NOT EXISTS (
       SELECT FROM prediction_drafts draft WHERE draft.run_id = $1 AND draft.category = predictions.category
         AND draft.place = predictions.place AND draft.window_start = predictions.window_start))`,
    [runId, category, now],
  );
  return { rows: 0, written: 0, ...counts[0], deleted: deleted ?? 0 };
}

/** Rows of categories that nobody speaks for any more. */
async function deleteOthers(tx: Transaction, speakers: readonly Speaker[]): Promise<number> {
  const categories = speakers.map(({ series }) => series.category);
  const { rowCount } = await tx.query('DELETE FROM predictions WHERE category <> ALL ($1::text[])', [
    categories,
  ]);
  return rowCount ?? 0;
}

async function refuseSuperseded(tx: Transaction, runId: string, cutOff: Date): Promise<void> {
  const isRunning = await lockRunning(tx, runId);
  const later = await tx.query('SELECT run_id FROM prediction_sets WHERE cut_off > $1', [cutOff]);
  if (!isRunning)
    throw new HaloError('run_superseded', 'Another run has taken over; what this one computed is not used.');
  if (later.rowCount !== 0)
    throw new HaloError('set_overtaken', 'Predictions of a later cut-off are in force.');
}

async function refuseOtherSpeakers(tx: Transaction, speakers: readonly Speaker[]): Promise<void> {
  const { rows } = await tx.query<{ place_kind: string; category: string; model_id: string }>(
    'SELECT place_kind, category, model_id FROM champions FOR SHARE',
  );
  const now = new Map(rows.map((row) => [`${row.place_kind} ${row.category}`, row.model_id]));
  for (const { series, modelId } of speakers) {
    if (now.get(`${series.placeKind} ${series.category}`) === modelId) continue;
    throw new HaloError('champion_changed', 'Another model has come to speak for a series meanwhile.');
  }
}
