import { useEffect, useState } from 'react';
import type { OutboxEntry } from '../api.ts';
import { useHalo } from './halo-context.ts';
import { useHaloStatus } from './use-halo-status.ts';

/** The outbox's entries, as they change; undefined until they have been read. */
export function useOutbox(): readonly OutboxEntry[] | undefined {
  const halo = useHalo();
  const { outbox } = useHaloStatus();
  const [entries, setEntries] = useState<readonly OutboxEntry[]>();
  useEffect(() => {
    let current = true;
    halo.outbox.list().then(
      (list) => {
        if (current) setEntries(list);
      },
      // Closed meanwhile: there is nothing to show any more.
      () => {},
    );
    return () => {
      current = false;
    };
    // An entry comes or goes with one of the counts; sent again, both change.
  }, [halo, outbox.pending, outbox.rejected]);
  return entries;
}
