import { useSyncExternalStore } from 'react';

/** How often ages in words are said anew. */
const TICK_MS = 5_000;

let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

// One timer for all ages of a page, however many there are.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time now in milliseconds, as it goes on. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}
