import type { Pool } from '../db/pool.ts';
import type { Forecaster } from './forecast.ts';
import { readHistory } from './history-store.ts';
import type { Histories } from './open-history.ts';
import { ZONE } from './prediction-parts.ts';
import { draftPredictions } from './prediction-store.ts';
import { rankForecasts } from './rank-forecasts.ts';

/** Histories that are held, learnt from and scored in this very thread. */
export function createLocalHistories(pool: Pool, forecaster: Forecaster): Histories {
  return {
    async open(placeKind, cutOff, signal) {
      const history = await readHistory(pool, placeKind, cutOff, ZONE, signal);
      return {
        incidents: history.place.length,
        train: (category, champion, onProgress) =>
          forecaster.train(history, { placeKind, category }, cutOff, champion, onProgress, signal),
        async draft(runId, speaker, artefact) {
          if (history.place.length === 0) return;
          const forecasts = await forecaster.score(history, speaker.series, cutOff, artefact, signal);
          const ranked = rankForecasts(history.places, forecasts);
          await draftPredictions(pool, runId, speaker, cutOff, ranked, signal);
        },
        close: () => Promise.resolve(),
      };
    },
  };
}
