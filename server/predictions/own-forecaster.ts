import type { Forecaster } from './forecast.ts';
import { score } from './model/score.ts';
import { train } from './model/train.ts';

/** Halo's own way of forecasting. `threads` is how many the ONNX runtime may use. */
export function createOwnForecaster(threads: number): Forecaster {
  return {
    train: async (history, series, cutOff, champion, onProgress, signal) => {
      signal.throwIfAborted();
      return train(history, series, cutOff, champion, onProgress);
    },
    score: async (history, series, cutOff, artefact, signal) => {
      signal.throwIfAborted();
      return score(history, series, cutOff, artefact, threads);
    },
  };
}
