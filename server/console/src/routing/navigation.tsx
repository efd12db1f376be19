import { useCallback, useSyncExternalStore } from 'react';
import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { placeOf } from './routes.ts';
import type { Place } from './routes.ts';

const MOVED = 'halo-moved';

const subscribe = (listener: () => void) => {
  addEventListener('popstate', listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(MOVED, listener);
  };
};

/** Goes to a path of the console. */
export function goTo(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  dispatchEvent(new Event(MOVED));
}

/** Where one is. */
export function usePlace(): Place {
  return placeOf(useSyncExternalStore(subscribe, () => location.pathname));
}

/** One choice that is kept in the address, so that a link shows the same. */
export function useChoice(name: string): [string | undefined, (value: string | undefined) => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => new URLSearchParams(location.search).get(name) ?? undefined,
  );
  const choose = useCallback(
    (next: string | undefined) => {
      const query = new URLSearchParams(location.search);
      if (next === undefined || next === '') query.delete(name);
      else query.set(name, next);
      const text = query.toString();
      goTo(text === '' ? location.pathname : `${location.pathname}?${text}`, 'replace');
    },
    [name],
  );
  return [value, choose];
}

/** A link within the console: goes without loading the page anew; with a modifier key as any other link. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}
