import { RISK_CATEGORIES, SERVED_PLACE_KINDS } from '@halo/shapes/taxonomy/risk-categories.ts';
import { isHaloError } from '../platform/errors.ts';
import type { OnProgress } from './forecast.ts';
import type { OpenHistory } from './open-history.ts';
import { dropDrafts, putInForce } from './prediction-store.ts';
import type { SetChanges, Speaker } from './prediction-store.ts';
import { SERVED_SERIES } from './prediction-parts.ts';
import type { PredictionParts, ServedSeries } from './prediction-parts.ts';
import { withSpeakingModel } from './speaking-model.ts';

/** How often a set is computed anew because a champion changed, or another set came first. */
const MAX_ATTEMPTS = 3;

/** What a set of predictions came to. */
export interface ScoredSet extends SetChanges {
  readonly cutOff: Date;
  readonly incidents: number;
}

/**
 * Makes all predictions anew from the models that speak now and what is known now, and puts them in force at once. On any failure
 * those before stay. Rejects with the signal's reason when it aborts.
 */
export async function scoreSet(
  parts: PredictionParts,
  runId: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<ScoredSet> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptSet(parts, runId, onProgress, signal);
    } catch (error) {
      const again = isHaloError(error, 'champion_changed') || isHaloError(error, 'set_overtaken');
      if (!again || attempt === MAX_ATTEMPTS) throw error;
    } finally {
      await dropDrafts(parts.pool, runId);
    }
  }
}

async function attemptSet(
  parts: PredictionParts,
  runId: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<ScoredSet> {
  const { pool, clock, histories } = parts;
  const cutOff = clock.now();
  const speakers: Speaker[] = [];
  let incidents = 0;
  for (const placeKind of SERVED_PLACE_KINDS) {
    onProgress(`reading what is known of each ${placeKind}`, speakers.length / SERVED_SERIES.length);
    const history = await histories.open(placeKind, cutOff, signal);
    try {
      incidents = Math.max(incidents, history.incidents);
      for (const category of RISK_CATEGORIES) {
        signal.throwIfAborted();
        onProgress(`scoring ${placeKind} ${category}`, speakers.length / SERVED_SERIES.length);
        speakers.push(await draftSeries(parts, runId, history, { placeKind, category }));
      }
    } finally {
      await history.close();
    }
  }
  signal.throwIfAborted();
  const changes = await putInForce(pool, runId, speakers, cutOff, clock.now());
  return { ...changes, cutOff, incidents };
}

async function draftSeries(
  parts: PredictionParts,
  runId: string,
  history: OpenHistory,
  series: ServedSeries,
): Promise<Speaker> {
  const { result } = await withSpeakingModel(parts, series, async ({ modelId, artefact }) => {
    const speaker = { series, modelId };
    await history.draft(runId, speaker, artefact);
    return speaker;
  });
  return result;
}
