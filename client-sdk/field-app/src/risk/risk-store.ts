import { useSyncExternalStore } from 'react';

/** What the person looks at; kept while the app is open, and of no account. */
interface RiskChoice {
  /** Whether the map shows what is forecast. */
  readonly on: boolean;
  /** When the window that is looked at begins, in milliseconds; the one under way where this is not chosen. */
  readonly startMs: number | undefined;
}

let choice: RiskChoice = { on: false, startMs: undefined };
const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Changes what is looked at. */
export function chooseRisk(changes: Partial<RiskChoice>): void {
  choice = { ...choice, ...changes };
  for (const listener of listeners) listener();
}

/** What is looked at, as it changes. */
export function useRiskChoice(): RiskChoice {
  return useSyncExternalStore(subscribe, () => choice);
}
