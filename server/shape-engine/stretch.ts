/** Longest stretch of work before other requests get their turn, in milliseconds. */
const MAX_STRETCH_MS = 10;

/** Lets long work step aside: `await` the returned function now and then. */
export function stretches(): () => Promise<void> | undefined {
  let endsAt = performance.now() + MAX_STRETCH_MS;
  return () => {
    if (performance.now() < endsAt) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        endsAt = performance.now() + MAX_STRETCH_MS;
        resolve();
      }),
    );
  };
}
