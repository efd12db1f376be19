/** Where a new version stands: none known, or one that waits to be let in. */
export interface Updates {
  /** True when a new version has been stored and waits. */
  readonly ready: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** Lets the new version in and shows it. Only ever called at a person's wish. */
  readonly apply: () => void;
}

/** How often a long-open app asks whether there is a new version. */
const ASK_EVERY_MS = 60 * 60_000;

/**
 * Registers the service worker, which keeps the app for use without a network. A new version is stored beside
 * the one in use and only offered: it never comes in by itself in the middle of a form.
 */
export function watchForUpdates(): Updates {
  const listeners = new Set<() => void>();
  let waiting: ServiceWorker | undefined;
  let applied = false;

  const offer = (worker: ServiceWorker | null) => {
    // The very first one takes over without anyone being asked: there is no version before it.
    if (worker === null || navigator.serviceWorker.controller === null) return;
    waiting = worker;
    for (const listener of listeners) listener();
  };
  const follow = (registration: ServiceWorkerRegistration) => {
    offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const coming = registration.installing;
      coming?.addEventListener('statechange', () => {
        if (coming.state === 'installed') offer(coming);
      });
    });
    setInterval(() => void registration.update().catch(() => undefined), ASK_EVERY_MS);
  };

  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (applied) location.reload();
    });
    // Refused (private window, odd certificate): the app works, only not without a network.
    navigator.serviceWorker.register('/sw.js').then(follow, () => undefined);
  }
  return {
    ready: () => waiting !== undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    apply() {
      applied = true;
      waiting?.postMessage({ type: 'SKIP_WAITING' });
    },
  };
}
