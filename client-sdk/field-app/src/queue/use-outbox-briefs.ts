import { useEffect, useRef, useState } from 'react';
import type { Halo, OutboxEntry } from '@halo/client';
import { useHalo, useStatus } from '@halo/client/react';
import { OutboxBriefs } from './outbox-briefs.ts';
import type { EntryBrief } from './outbox-briefs.ts';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** All entries of the outbox in brief, by `seq`, as they change; undefined until they have been read once. */
export function useOutboxBriefs(): readonly EntryBrief[] | undefined {
  const halo = useHalo();
  const { outbox } = useStatus();
  const reader = useRef<OutboxBriefs>(undefined);
  const [read, setRead] = useState<{ readonly of: Halo; readonly briefs: readonly EntryBrief[] }>();
  useEffect(() => {
    const briefs = new OutboxBriefs({
      list: (page) => halo.outbox.list(page),
      onRead: (found) => setRead({ of: halo, briefs: found }),
      sleep,
    });
    reader.current = briefs;
    return () => briefs.stop();
  }, [halo]);
  useEffect(() => {
    // Closed meanwhile: there is nothing to show any more.
    reader.current?.changed().catch(() => {});
    // The status has a new `outbox` whenever an entry came or went.
  }, [halo, outbox]);
  return read?.of === halo ? read.briefs : undefined;
}

const NONE: ReadonlyMap<string, OutboxEntry> = new Map();

/** These entries in full, by id, without those that have left the outbox; undefined until they have been read. */
export function useOutboxEntries(
  briefs: readonly Pick<EntryBrief, 'seq' | 'state'>[],
): ReadonlyMap<string, OutboxEntry> | undefined {
  const halo = useHalo();
  // With its state: what was rejected meanwhile has its reason now.
  const wanted = briefs.map(({ seq, state }) => `${seq} ${state}`).join();
  const [read, setRead] = useState<{
    readonly of: Halo;
    readonly wanted: string;
    readonly entries: ReadonlyMap<string, OutboxEntry>;
  }>();
  useEffect(() => {
    if (wanted === '') return undefined;
    let current = true;
    const one = (seq: number) => halo.outbox.list({ limit: 1, after: seq - 1 });
    Promise.all(wanted.split(',').map((key) => one(parseInt(key, 10)))).then(
      (pages) => {
        const entries = new Map(pages.flat().map((entry) => [entry.id, entry]));
        if (current) setRead({ of: halo, wanted, entries });
      },
      // Closed meanwhile, as above.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [halo, wanted]);
  if (wanted === '') return NONE;
  return read?.of === halo && read.wanted === wanted ? read.entries : undefined;
}
