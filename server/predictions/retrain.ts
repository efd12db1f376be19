import { RISK_CATEGORIES, SERVED_PLACE_KINDS } from '@halo/shapes/taxonomy/risk-categories.ts';
import { inTransaction } from '../db/transaction.ts';
import { ensureChampions } from './champion-store.ts';
import { pruneModels } from './model-store.ts';
import { SERVED_SERIES } from './prediction-parts.ts';
import type { PredictionParts } from './prediction-parts.ts';
import type { RunWork } from '../jobs/recorded-run.ts';
import { scoreSet } from './score-set.ts';
import { trainSeries } from './train-series.ts';
import type { SeriesOutcome } from './train-series.ts';

/** Share of a run's time that scoring takes, roughly. */
const SCORING_SHARE = 0.1;

/** The work of a retraining run: trains and judges a model of each series, and makes all predictions anew. */
export function retraining(parts: PredictionParts): RunWork {
  const { pool, clock, histories } = parts;
  return async (runId, onProgress, signal) => {
    await ensureBaselines(parts);
    const cutOff = clock.now();
    const outcomes: SeriesOutcome[] = [];
    const perSeries = (1 - SCORING_SHARE) / SERVED_SERIES.length;
    for (const placeKind of SERVED_PLACE_KINDS) {
      onProgress(`reading what is known of each ${placeKind}`, outcomes.length * perSeries);
      const history = await histories.open(placeKind, cutOff, signal);
      try {
        for (const category of RISK_CATEGORIES) {
          signal.throwIfAborted();
          const done = outcomes.length * perSeries;
          const training = { runId, series: { placeKind, category }, history, cutOff };
          const report = (step: string, share: number) =>
            onProgress(`${placeKind} ${category}: ${step}`, done + share * perSeries);
          report('training', 0);
          outcomes.push(await trainSeries(parts, training, report, signal));
        }
      } finally {
        await history.close();
      }
    }
    const set = await scoreSet(
      parts,
      runId,
      (step, share) => onProgress(step, 1 - SCORING_SHARE + share * SCORING_SHARE),
      signal,
    );
    await pruneModels(pool);
    const result = { cutOff, series: outcomes, predictions: set };
    const failed = outcomes.filter(({ decision }) => decision === 'failed');
    if (failed.length === 0) return { result };
    const names = failed.map((one) => `${one.placeKind} ${one.category}`).join(', ');
    const error = `No model could be trained of ${names}; the models in use before still speak for them.`;
    return { code: 'training_failed', error, result };
  };
}

/** The work of a scoring run: makes all predictions anew from the models in use. */
export function scoring(parts: PredictionParts): RunWork {
  return async (runId, onProgress, signal) => {
    await ensureBaselines(parts);
    const predictions = await scoreSet(parts, runId, onProgress, signal);
    return { result: { predictions } };
  };
}

function ensureBaselines({ pool, newId, clock }: PredictionParts): Promise<void> {
  return inTransaction(pool, (tx) => ensureChampions(tx, SERVED_SERIES, newId, clock.now()));
}
