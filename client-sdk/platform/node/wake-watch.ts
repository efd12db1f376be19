/** How often it is looked whether the process has slept, in milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** A look that comes this much too late by the clock, in milliseconds, means that the machine has slept. */
const SLEPT_MS = 15_000;

/**
 * Hears that the machine has woken: Node gives no sign of it, but timers stand still meanwhile and the clock goes on. A
 * clock that was set, or a process that was stopped, counts as well, which does no harm. Returns what ends it.
 */
export function onWake(listener: () => void, now: () => number = Date.now): () => void {
  let last = now();
  const timer = setInterval(() => {
    const slept = now() - last - LOOK_EVERY_MS;
    last = now();
    if (slept > SLEPT_MS) listener();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
