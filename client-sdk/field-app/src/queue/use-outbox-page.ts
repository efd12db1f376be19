import { useEffect, useState } from 'react';
import type { Halo, OutboxEntry } from '@halo/client';
import { useHalo, useStatus } from '@halo/client/react';

/**
 * At most `limit` entries of the outbox whose `seq` is above `after`, as they change; undefined until they have been
 * read. However long the queue is, no more than these are read and drawn.
 */
export function useOutboxPage(limit: number, after: number): readonly OutboxEntry[] | undefined {
  const halo = useHalo();
  const { outbox } = useStatus();
  const [read, setRead] = useState<{
    readonly of: Halo;
    readonly after: number;
    readonly entries: readonly OutboxEntry[];
  }>();
  useEffect(() => {
    let current = true;
    halo.outbox.list({ limit, after }).then(
      (entries) => {
        if (current) setRead({ of: halo, after, entries });
      },
      // Closed meanwhile: there is nothing to show any more.
      () => {},
    );
    return () => {
      current = false;
    };
    // The status has a new `outbox` whenever an entry came or went.
  }, [halo, outbox, limit, after]);
  return read?.of === halo && read.after === after ? read.entries : undefined;
}
