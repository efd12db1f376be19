import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { supervise } from './service.ts';
import { sleep } from './sleep.ts';

const logger = createLogger('silent');
/** No jitter: the first repetition comes at once. */
const noDelay = () => 0;

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe('supervise', () => {
  it('starts a failed service again and forgets its error', async () => {
    let runs = 0;
    const again = deferred();
    const supervised = supervise(
      {
        name: 'flaky',
        async run(signal) {
          runs += 1;
          if (runs === 1) throw new Error('first run fails');
          again.resolve();
          await sleep(60_000, signal);
        },
      },
      logger,
      noDelay,
    );
    await again.promise;
    expect(runs).toBe(2);
    expect(supervised.lastError()).toBeUndefined();
    await supervised.stop();
  });

  it('resolves stop() only after the run has closed what it held', async () => {
    let closed = false;
    const started = deferred();
    const supervised = supervise(
      {
        name: 'holder',
        async run(signal) {
          started.resolve();
          await sleep(60_000, signal);
          await sleep(20);
          closed = true;
        },
      },
      logger,
      noDelay,
    );
    await started.promise;
    await supervised.stop();
    expect(closed).toBe(true);
  });

  it('does not start again once stopped, though the run fails while it stops', async () => {
    let runs = 0;
    const started = deferred();
    const supervised = supervise(
      {
        name: 'sore',
        async run(signal) {
          runs += 1;
          started.resolve();
          await sleep(60_000, signal);
          throw new Error('while stopping');
        },
      },
      logger,
      noDelay,
    );
    await started.promise;
    await supervised.stop();
    expect(runs).toBe(1);
  });
});
