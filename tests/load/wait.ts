/** Resolves after so many milliseconds, or when `signal` aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/**
 * Does work under a signal that aborts when `outer` does or so many milliseconds have passed, and leaves nothing behind when
 * the work is done. Node's own `AbortSignal.any` over a timeout may be collected before it fires.
 */
export async function within(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const inner = new AbortController();
  const end = () => inner.abort();
  if (outer.aborted) end();
  const timer = setTimeout(end, ms);
  outer.addEventListener('abort', end, { once: true });
  try {
    await work(inner.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', end);
  }
}
