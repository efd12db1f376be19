import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { isHaloError, messageOf } from '../platform/errors.ts';
import { score } from './model/score.ts';
import { train } from './model/train.ts';
import type { WorkerAnswer, WorkerTask } from './worker-task.ts';

// What a worker thread runs: one task, whose outcome it posts. It takes the processor only where nobody else wants it: the server
// answers its clients from the same cores. (On Linux a priority is a thread's own; elsewhere it is the process's, and left alone.)
const NICENESS = 15;
if (process.platform === 'linux') os.setPriority(0, NICENESS);

const port = parentPort!;
const post = (answer: WorkerAnswer) => port.postMessage(answer);

try {
  post({ kind: 'done', value: await run(workerData as WorkerTask) });
} catch (error) {
  post({ kind: 'failed', code: isHaloError(error) ? error.code : 'internal', message: messageOf(error) });
}

async function run(task: WorkerTask): Promise<unknown> {
  if (task.kind === 'score')
    return score(task.history, task.series, task.cutOff, task.artefact, task.threads);
  return train(task.history, task.series, task.cutOff, task.champion, (step, share) =>
    post({ kind: 'progress', step, share }),
  );
}
