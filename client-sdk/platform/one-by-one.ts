import type { Tabs } from './tabs.ts';

/** `Tabs.exclusively` where one process holds the store: who comes waits for who came before. */
export function oneByOne(): Tabs['exclusively'] {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work);
    last.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  };
}
