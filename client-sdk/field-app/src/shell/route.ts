import { useSyncExternalStore } from 'react';

/** The app's views; the address's fragment names one, so that the way back works and a reload stays. */
const ROUTES = ['incidents', 'map', 'report', 'places', 'mine', 'amend', 'queue', 'quality'] as const;
export type Route = (typeof ROUTES)[number];
/** What a view is about, by name, e.g. `{ report: id }`. */
export type RouteParams = Readonly<Record<string, string>>;

/** The view that a fragment names; the list where it names none. */
function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '').split('?')[0];
  return ROUTES.find((route) => route === name) ?? 'incidents';
}

/** The fragment of a view. */
export function hashOf(route: Route, params: RouteParams = {}): string {
  const query = new URLSearchParams(params).toString();
  return query === '' ? `#/${route}` : `#/${route}?${query}`;
}

/** Goes to a view. */
export function goTo(route: Route, params: RouteParams = {}): void {
  location.hash = hashOf(route, params);
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The view in the address. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => routeOf(location.hash));
}

/** What the view in the address is about; undefined where it does not say. */
export function useRouteParam(name: string): string | undefined {
  return useSyncExternalStore(
    subscribe,
    () => new URLSearchParams(location.hash.split('?')[1] ?? '').get(name) ?? undefined,
  );
}
