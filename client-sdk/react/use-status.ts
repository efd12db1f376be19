import { useCallback, useSyncExternalStore } from 'react';
import type { HaloStatus } from '../api.ts';
import { useHalo } from './halo-context.ts';

/** The device's status, as it changes: renders anew at each change of it. Only below `HaloProvider`. */
export function useStatus(): HaloStatus {
  const halo = useHalo();
  const subscribe = useCallback((changed: () => void) => halo.onStatus(changed), [halo]);
  const read = useCallback(() => halo.status(), [halo]);
  return useSyncExternalStore(subscribe, read, read);
}
