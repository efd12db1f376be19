import { useCallback, useSyncExternalStore } from 'react';

/** Wide enough for list and map side by side. */
export const WIDE = '(min-width: 60rem)';
export const DARK = '(prefers-color-scheme: dark)';

/** Whether a media query holds, as it changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
