import { useCallback, useSyncExternalStore } from 'react';
import { useParts } from '../session/session-context.tsx';
import type { Followed } from './follower.ts';

/** Follows a shape while the caller is shown; its rows change by themselves. */
export function useShape(name: string): Followed {
  const { follower } = useParts();
  const subscribe = useCallback(
    (listener: () => void) => follower.subscribe(name, listener),
    [follower, name],
  );
  return useSyncExternalStore(subscribe, () => follower.read(name));
}
