import { Worker } from 'node:worker_threads';
import type { Pool } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import type { OnProgress, TooLittle, Trained } from './forecast.ts';
import { hasHistory } from './history-store.ts';
import type { Histories, OpenHistory } from './open-history.ts';
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './worker-message.ts';

/** What a worker may keep in V8's heap, in MiB; the arrays of rows lie outside of it and have bounds of their own. */
const MAX_HEAP_MIB = 1_024;

/**
 * Histories that each have a worker thread, which reads them, learns from them and writes what it expects by a connection of
 * its own: the main thread only asks, and hears how it went. Few words pass between them, whatever the number of rows.
 */
export function createWorkerHistories(
  pool: Pool,
  options: Omit<WorkerTask, 'placeKind' | 'cutOff'>,
): Histories {
  return {
    async open(placeKind, cutOff, signal) {
      signal.throwIfAborted();
      if (!(await hasHistory(pool, placeKind, cutOff))) return EMPTY;
      const thread = new ForecastThread({ ...options, placeKind, cutOff }, signal);
      try {
        return thread.historyOf((await thread.answer()) as number);
      } catch (error) {
        await thread.end();
        throw error;
      }
    },
  };
}

/** Where nothing is known no thread is begun, which takes seconds. */
const EMPTY: OpenHistory = {
  incidents: 0,
  train: () => Promise.resolve({ tooLittle: 'Nothing is known to have happened.' }),
  draft: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** A thread and who waits for its answer. An abort ends the thread, and with it what is waited for. */
class ForecastThread {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #stop: () => void;
  /** Why it will answer no more. */
  #ended: Error | undefined;
  #waiting:
    { resolve: (value: unknown) => void; reject: (error: Error) => void; onProgress: OnProgress } | undefined;

  constructor(task: WorkerTask, signal: AbortSignal) {
    this.#signal = signal;
    this.#worker = new Worker(new URL('./forecast-thread.mjs', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#hear(answer));
    this.#worker.on('error', (error: Error) => this.#lose(error));
    this.#worker.on('exit', () =>
      this.#lose(new HaloError('forecast_ended', 'The thread that forecasts ended without an answer.')),
    );
    this.#stop = () => void this.#worker.terminate();
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  historyOf(incidents: number): OpenHistory {
    return {
      incidents,
      train: (category, champion, onProgress) =>
        this.#ask({ kind: 'train', category, champion }, onProgress) as Promise<Trained | TooLittle>,
      draft: async (runId, speaker, artefact) =>
        void (await this.#ask({ kind: 'draft', runId, speaker, artefact })),
      close: () => this.end(),
    };
  }

  /** The next answer. Rejects with the signal's reason when that has aborted. */
  async answer(onProgress: OnProgress = () => {}): Promise<unknown> {
    if (this.#waiting !== undefined) throw new Error('a history is asked one thing at a time');
    try {
      return await new Promise((resolve, reject) => {
        if (this.#ended !== undefined) return reject(this.#ended);
        this.#waiting = { resolve, reject, onProgress };
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  async end(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    // Unless it is in the middle of something it goes by itself, and takes its leave of Postgres.
    if (this.#waiting === undefined && this.#ended === undefined) {
      await this.#ask({ kind: 'close' }).catch(() => {});
    }
    await this.#worker.terminate();
  }

  #ask(request: WorkerRequest, onProgress?: OnProgress): Promise<unknown> {
    const answer = this.answer(onProgress);
    this.#worker.postMessage(request);
    return answer;
  }

  #hear(answer: WorkerAnswer): void {
    const waiting = this.#waiting;
    if (answer.kind === 'progress') return waiting?.onProgress(answer.step, answer.share);
    this.#waiting = undefined;
    if (answer.kind === 'done') waiting?.resolve(answer.value);
    else waiting?.reject(new HaloError(answer.code, answer.message));
  }

  #lose(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
