import { oneByOne } from '../../client-sdk/platform/one-by-one.ts';
import type { TabMessage, Tabs } from '../../client-sdk/platform/tabs.ts';

/** Tabs of one store within one process: they lead one after the other, in the order in which they ask, and hear each other. */
export function tabGroup(): () => Tabs {
  const listeners = new Map<Tabs, Set<(message: TabMessage) => void>>();
  const exclusively = oneByOne();
  return () => {
    const own = new Set<(message: TabMessage) => void>();
    const tabs: Tabs = {
      many: true,
      exclusively,
      lead: (stop, lead) =>
        exclusively('lead', async () => {
          if (!stop.aborted) await lead(stop);
        }),
      tell(message) {
        for (const [other, hear] of listeners)
          if (other !== tabs) for (const each of [...hear]) queueMicrotask(() => each(message));
      },
      onTold(listener) {
        own.add(listener);
        return () => void own.delete(listener);
      },
    };
    listeners.set(tabs, own);
    return tabs;
  };
}
