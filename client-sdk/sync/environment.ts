/** What the client takes from its surroundings, passed in so that tests can stand in for them. */
export interface Environment {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. Used for expiry and display, never for order. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Hears of the platform's own signs that the network came (or the app is looked at again) or went. */
  readonly onNetwork: (listener: (state: 'came' | 'went') => void) => () => void;
}

/** The real surroundings. */
export const realEnvironment: Environment = {
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now(),
  random: () => Math.random(),
  onNetwork(listener) {
    // Node has neither: there a failing request is the only sign.
    if (typeof globalThis.addEventListener !== 'function' || typeof document === 'undefined') return () => {};
    const came = () => listener('came');
    const went = () => listener('went');
    const seen = () => {
      if (document.visibilityState === 'visible') came();
    };
    globalThis.addEventListener('online', came);
    globalThis.addEventListener('offline', went);
    document.addEventListener('visibilitychange', seen);
    return () => {
      globalThis.removeEventListener('online', came);
      globalThis.removeEventListener('offline', went);
      document.removeEventListener('visibilitychange', seen);
    };
  },
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal?.addEventListener('abort', finish, { once: true });
    });
  },
};
