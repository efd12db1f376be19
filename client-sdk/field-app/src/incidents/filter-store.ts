import { useSyncExternalStore } from 'react';
import { DEFAULT_FILTERS } from './filters.ts';
import type { Filters, Place } from './filters.ts';

/** What the person has chosen to see; kept while the app is open, and of no account. */
interface Choice {
  readonly filters: Filters;
  /** Where the person is, once that has been asked for: then the nearest come first. */
  readonly here: Place | undefined;
}

let choice: Choice = { filters: DEFAULT_FILTERS, here: undefined };
const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Changes what is chosen. */
export function choose(changes: Partial<Choice>): void {
  choice = { ...choice, ...changes };
  for (const listener of listeners) listener();
}

/** What is chosen, as it changes. */
export function useChoice(): Choice {
  return useSyncExternalStore(subscribe, () => choice);
}
