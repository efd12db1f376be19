import { HaloError } from '../platform/errors.ts';

/** How long Postgres may be silent; all in milliseconds. */
export interface SilenceLimits {
  /** After this long without a word it is asked for one, and after the other the connection is given up. */
  readonly askAfterMs: number;
  readonly giveUpAfterMs: number;
  readonly watchEveryMs: number;
}

export const SILENCE_LIMITS: SilenceLimits = {
  // Often enough to tell an idle database from a connection that is dead.
  askAfterMs: 5_000,
  // With the time of one look, within a minute.
  giveUpAfterMs: 50_000,
  watchEveryMs: 5_000,
};

/** A watch over one connection. */
export interface SilenceWatch {
  /** Something was received. */
  heard(): void;
  stop(): void;
}

/**
 * Tells a connection on which nothing happens from one that was cut without a word: `ask` makes Postgres say
 * something, and `fail` is told `replication_silent` when it does not. While we are `busy` with what came, nothing is
 * read and silence says nothing; Postgres is told that we are there, or it would take us for dead
 * (`wal_sender_timeout`) and send the same again.
 */
export function watchSilence(
  ask: () => Promise<void>,
  fail: (error: unknown) => void,
  busy: () => boolean,
  { askAfterMs, giveUpAfterMs, watchEveryMs }: SilenceLimits = SILENCE_LIMITS,
): SilenceWatch {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (busy()) {
      heardAt = performance.now();
      ask().catch(fail);
      return;
    }
    const silentMs = performance.now() - heardAt;
    if (silentMs > giveUpAfterMs) {
      fail(
        new HaloError(
          'replication_silent',
          `Postgres has not answered for ${Math.round(silentMs / 1000)} s.`,
        ),
      );
    } else if (silentMs > askAfterMs) ask().catch(fail);
  }, watchEveryMs);
  return { heard: () => void (heardAt = performance.now()), stop: () => clearInterval(timer) };
}
