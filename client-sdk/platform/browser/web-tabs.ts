import type { TabMessage, Tabs } from '../tabs.ts';

/**
 * Tabs of one browser: the holder of a Web Lock leads, and the browser hands the lock on when its tab dies;
 * messages go over a BroadcastChannel.
 */
export function webTabs(name: string): Tabs & { close(): void } {
  const channel = new BroadcastChannel(`halo:${name}`);
  let isOpen = true;
  return {
    many: true,
    async lead(stop, lead) {
      if (stop.aborted) return;
      try {
        await navigator.locks.request(`halo-leader:${name}`, { signal: stop }, () => lead(stop));
      } catch (error) {
        // Stopped while it still waited for the lock.
        if (!stop.aborted) throw error;
      }
    },
    exclusively: (work, run) => navigator.locks.request(`halo-${work}:${name}`, run),
    tell(message) {
      // A call that is under way while the client closes may still have something to say; the channel would throw.
      if (isOpen) channel.postMessage(message);
    },
    onTold(listener) {
      const hear = (event: MessageEvent<TabMessage>) => listener(event.data);
      channel.addEventListener('message', hear);
      return () => channel.removeEventListener('message', hear);
    },
    close() {
      isOpen = false;
      channel.close();
    },
  };
}
