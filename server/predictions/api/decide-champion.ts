import { recordAct } from '../../audit/audit-log.ts';
import type { Act, Actor } from '../../audit/audit-log.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import { changeChampion, lockChampion, previousChampion } from '../champion-store.ts';
import { FEATURES_VERSION } from '../features/features.ts';
import type { Series } from '../forecast.ts';
import { findModel, hasArtefact } from '../model-store.ts';
import type { Model } from '../model-store.ts';

/**
 * Lets an operator pin a model: it speaks for its series until it is unpinned, whatever is trained.
 *
 * @throws HaloError 404 `model_not_found`; 409 `model_unusable` where its artefact is not there or cannot be used
 */
export async function pinModel(pool: Pool, id: string, actor: Actor, now: Date): Promise<Series> {
  return inTransaction(pool, async (tx) => {
    const model = await findModel(tx, id);
    if (model === undefined)
      throw new HaloError('model_not_found', 'There is no such model.', { status: 404 });
    const { placeKind, category } = model;
    const series = { placeKind, category };
    await lockChampion(tx, series);
    if (!(await canSpeak(tx, model))) {
      throw new HaloError('model_unusable', 'This model has no artefact that can be used.', {
        status: 409,
        hint: `Only the newest models of a series, and those that were in use lately, keep theirs; it must be of features ${FEATURES_VERSION}.`,
      });
    }
    await changeChampion(tx, { series, modelId: id, cause: 'pin', by: actor.userId }, now);
    await recordAct(tx, actor, {
      action: 'model.pinned',
      target: { kind: 'model', id },
      details: { placeKind, category },
    });
    return series;
  });
}

async function canSpeak(tx: Transaction, { id, kind, featuresVersion, unusableAt }: Model): Promise<boolean> {
  if (kind === 'baseline') return true;
  return unusableAt === null && featuresVersion === FEATURES_VERSION && (await hasArtefact(tx, id));
}

/**
 * Ends a pin: the model goes on until the gate promotes another one. Nothing happens where none is pinned.
 *
 * @throws HaloError 404 `series_not_found`
 */
export async function unpinSeries(pool: Pool, series: Series, actor: Actor, now: Date): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const champion = await lockChampion(tx, series);
    if (champion === undefined) throw noSeries();
    if (!champion.pinned) return;
    const { modelId } = champion;
    await changeChampion(tx, { series, modelId, cause: 'unpin', by: actor.userId }, now);
    await recordAct(tx, actor, { action: 'series.unpinned', ...aboutSeries(series, { modelId }) });
  });
}

/**
 * Goes back to the model that spoke for a series before. It is not pinned: the next training may promote another one.
 *
 * @throws HaloError 404 `series_not_found`; 409 `no_previous_model`
 */
export async function rollBack(pool: Pool, series: Series, actor: Actor, now: Date): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const champion = await lockChampion(tx, series);
    if (champion === undefined) throw noSeries();
    const previous = await previousChampion(tx, series, champion.modelId);
    if (previous === undefined) {
      throw new HaloError('no_previous_model', 'No model that can be used spoke for this series before.', {
        status: 409,
      });
    }
    await changeChampion(tx, { series, modelId: previous, cause: 'roll_back', by: actor.userId }, now);
    const models = { from: champion.modelId, to: previous };
    await recordAct(tx, actor, { action: 'series.rolled_back', ...aboutSeries(series, models) });
  });
}

function aboutSeries({ placeKind, category }: Series, details: Record<string, string>): Omit<Act, 'action'> {
  return { target: { kind: 'series', id: `${placeKind}/${category}` }, details };
}

function noSeries(): HaloError {
  return new HaloError('series_not_found', 'Nobody speaks for this series yet.', {
    status: 404,
    hint: 'Series are there from the first run on.',
  });
}
