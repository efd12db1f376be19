import os from 'node:os';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { createPool } from '../db/pool.ts';
import { isHaloError, messageOf } from '../platform/errors.ts';
import { createLogger } from '../platform/logger.ts';
import { createLocalHistories } from './local-histories.ts';
import type { OpenHistory } from './open-history.ts';
import { createOwnForecaster } from './own-forecaster.ts';
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './worker-message.ts';

// What a worker thread runs: it reads one history, by a connection of its own, and does with it what it is asked to, one thing after
// the other.
const { databaseUrl, logLevel, placeKind, cutOff, threads, niceness } = workerData as WorkerTask;
if (process.platform === 'linux') os.setPriority(0, niceness);

const port = parentPort!;
const post = (answer: WorkerAnswer) => port.postMessage(answer);
// Whoever wants it to end ends the thread.
const { signal } = new AbortController();

const pool = createPool(databaseUrl, 1, createLogger(logLevel));
try {
  await attempt(async () => {
    const history = await createLocalHistories(pool, createOwnForecaster(threads)).open(
      placeKind,
      cutOff,
      signal,
    );
    post({ kind: 'done', value: history.incidents });
    for (;;) {
      const [request] = (await once(port, 'message')) as [WorkerRequest];
      if (request.kind === 'close') return;
      await attempt(async () => post({ kind: 'done', value: await answer(history, request) }));
    }
  });
} finally {
  await pool.end();
}
post({ kind: 'done', value: undefined });

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    post({ kind: 'failed', code: isHaloError(error) ? error.code : 'internal', message: messageOf(error) });
  }
}

function answer(history: OpenHistory, request: Exclude<WorkerRequest, { kind: 'close' }>): Promise<unknown> {
  if (request.kind === 'draft') return history.draft(request.runId, request.speaker, request.artefact);
  return history.train(request.category, request.champion, (step, share) =>
    post({ kind: 'progress', step, share }),
  );
}
