import { useSyncExternalStore } from 'react';

/** The app's views; the address's fragment names one, so that the way back works and a reload stays. */
const ROUTES = ['incidents', 'map', 'report', 'places', 'mine'] as const;
export type Route = (typeof ROUTES)[number];

/** The view that a fragment names; the list where it names none. */
function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '');
  return ROUTES.find((route) => route === name) ?? 'incidents';
}

/** The fragment of a view. */
export function hashOf(route: Route): string {
  return `#/${route}`;
}

/** Goes to a view. */
export function goTo(route: Route): void {
  location.hash = hashOf(route);
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The view in the address. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => routeOf(location.hash));
}
