import { useCallback, useSyncExternalStore } from 'react';
import { useParts } from '../session/session-context.tsx';
import type { Followed, Part } from './follower.ts';

/** Follows a shape while the caller is shown; its rows change by themselves. */
export function useShape(name: string, part: Part = 'whole'): Followed {
  const { follower } = useParts();
  const subscribe = useCallback(
    (listener: () => void) => follower.subscribe(name, listener, part),
    [follower, name, part],
  );
  return useSyncExternalStore(subscribe, () => follower.read(name, part));
}
