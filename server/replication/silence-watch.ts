import { HaloError } from '../platform/errors.ts';

/** After this long without a word Postgres is asked for one, and after the other the connection is given up. */
export const ASK_AFTER_MS = 20_000;
export const GIVE_UP_AFTER_MS = 60_000;
const WATCH_EVERY_MS = 5_000;

/** A watch over one connection. */
export interface SilenceWatch {
  /** Something was received. */
  heard(): void;
  stop(): void;
}

/**
 * Tells a connection on which nothing happens from one that was cut without a word: `ask` makes Postgres say
 * something, and `fail` is told `replication_silent` when it does not.
 */
export function watchSilence(ask: () => Promise<void>, fail: (error: unknown) => void): SilenceWatch {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    const silentMs = performance.now() - heardAt;
    if (silentMs > GIVE_UP_AFTER_MS) {
      fail(
        new HaloError(
          'replication_silent',
          `Postgres has not answered for ${Math.round(silentMs / 1000)} s.`,
        ),
      );
    } else if (silentMs > ASK_AFTER_MS) ask().catch(fail);
  }, WATCH_EVERY_MS);
  return { heard: () => void (heardAt = performance.now()), stop: () => clearInterval(timer) };
}
