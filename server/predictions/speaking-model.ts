import type { Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { isHaloError } from '../platform/errors.ts';
import type { HaloError } from '../platform/errors.ts';
import {
  baselineOf,
  changeChampion,
  lockChampion,
  previousChampion,
  readChampions,
} from './champion-store.ts';
import type { Artefact, Series } from './forecast.ts';
import { loadArtefact, markUnusable, MAX_CHANGES_KEPT } from './model-store.ts';
import type { PredictionParts } from './prediction-parts.ts';

/** More models than may have to be given up one after the other: the baseline is the last, and cannot fail so. */
const MAX_ROUNDS = MAX_CHANGES_KEPT + 2;

/** The model that speaks for a series, ready to be used. */
export interface SpeakingModel {
  readonly modelId: string;
  /** Undefined for the baseline. */
  readonly artefact: Artefact | undefined;
  readonly cutOff: Date;
}

/**
 * Does something with the model that speaks for a series. Where its artefact is damaged or of other features, the one that
 * spoke before takes its place, and at last the baseline, and the log says so. Damage is noted in the model's row, for good; features
 * that another version of the server has are no fault of the model, which speaks again when it is pinned there.
 */
export async function withSpeakingModel<T>(
  parts: PredictionParts,
  series: Series,
  work: (speaking: SpeakingModel) => Promise<T>,
): Promise<{ readonly speaking: SpeakingModel; readonly result: T }> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const champion = await championOf(parts, series);
    try {
      const artefact = await loadArtefact(parts.pool, champion.id);
      const speaking = { modelId: champion.id, artefact, cutOff: champion.cutOff };
      return { speaking, result: await work(speaking) };
    } catch (error) {
      const isOfModel = isHaloError(error, 'artefact_unusable') || isHaloError(error, 'features_differ');
      if (!isOfModel || champion.kind === 'baseline') throw error;
      await fallBack(parts, series, champion.id, error);
    }
  }
  throw new Error(`no model of the series ${series.placeKind} ${series.category} can be used`);
}

async function championOf({ pool }: PredictionParts, { placeKind, category }: Series) {
  const champions = await readChampions(pool);
  const champion = champions.find((one) => one.placeKind === placeKind && one.category === category);
  if (champion === undefined) throw new Error(`nobody speaks for the series ${placeKind} ${category}`);
  return champion;
}

async function fallBack(
  { pool, clock, logger, onUnusable }: PredictionParts,
  series: Series,
  modelId: string,
  fault: HaloError,
): Promise<void> {
  const now = clock.now();
  const next = await inTransaction(pool, async (tx) => {
    const champion = await lockChampion(tx, series);
    if (fault.code === 'artefact_unusable')
      await markUnusable(tx, modelId, { code: fault.code, reason: fault.message }, now);
    // Another run, or an operator, was faster.
    if (champion?.modelId !== modelId) return undefined;
    const to = await lastUsable(tx, series, modelId);
    await changeChampion(tx, { series, modelId: to, cause: 'fall_back', by: null }, now);
    return to;
  });
  onUnusable();
  const { placeKind, category } = series;
  logger
    .child({ component: 'predictions' })
    .error({ code: fault.code, modelId, placeKind, category, next }, 'a model cannot be used');
}

async function lastUsable(tx: Transaction, series: Series, modelId: string): Promise<string> {
  return (await previousChampion(tx, series, modelId)) ?? (await baselineOf(tx, series));
}
