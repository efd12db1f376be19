import { useEffect, useState } from 'react';
import type { Halo, OutboxEntry } from '../api.ts';
import { useHalo } from './halo-context.ts';
import { useStatus } from './use-status.ts';

/**
 * The outbox's entries, pending and rejected, oldest first, as they change; undefined until they have been read.
 * `useHalo().outbox` sends a rejected one again or drops it. Only below `HaloProvider`.
 */
export function useOutbox(): readonly OutboxEntry[] | undefined {
  const halo = useHalo();
  const { outbox } = useStatus();
  const [read, setRead] = useState<{ readonly of: Halo; readonly entries: readonly OutboxEntry[] }>();
  useEffect(() => {
    let current = true;
    halo.outbox.list().then(
      (entries) => {
        if (current) setRead({ of: halo, entries });
      },
      // Closed meanwhile: there is nothing to show any more.
      () => {},
    );
    return () => {
      current = false;
    };
    // The status has a new `outbox` whenever an entry came or went, also when the counts are the same after it.
  }, [halo, outbox]);
  return read?.of === halo ? read.entries : undefined;
}
