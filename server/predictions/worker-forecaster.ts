import { Worker } from 'node:worker_threads';
import { HaloError } from '../platform/errors.ts';
import type { Forecaster, OnProgress, PlaceForecast, TooLittle, Trained } from './forecast.ts';
import type { WorkerAnswer, WorkerTask } from './worker-task.ts';

/** What a worker may keep in V8's heap, in MiB; the arrays of rows lie outside of it and have bounds of their own. */
const MAX_HEAP_MIB = 1_024;

/** A forecaster whose every task has a worker thread of its own: the main thread only sends it off and hears of it. */
export function createWorkerForecaster(threads: number): Forecaster {
  return {
    train: (history, series, cutOff, champion, onProgress, signal) =>
      runTask({ kind: 'train', history, series, cutOff, champion }, onProgress, signal) as Promise<
        Trained | TooLittle
      >,
    score: (history, series, cutOff, artefact, signal) =>
      runTask({ kind: 'score', history, series, cutOff, artefact, threads }, () => {}, signal) as Promise<
        readonly PlaceForecast[]
      >,
  };
}

/** Runs a task to its end. An abort ends the thread; the promise settles when it has ended. */
async function runTask(task: WorkerTask, onProgress: OnProgress, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./forecast-thread.mjs', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await outcomeOf(worker, onProgress);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function outcomeOf(worker: Worker, onProgress: OnProgress): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.kind === 'progress') onProgress(answer.step, answer.share);
      else if (answer.kind === 'done') resolve(answer.value);
      else reject(new HaloError(answer.code, answer.message));
    });
    worker.on('error', reject);
    worker.on('exit', () =>
      reject(new HaloError('forecast_ended', 'The thread that forecasts ended without an answer.')),
    );
  });
}
