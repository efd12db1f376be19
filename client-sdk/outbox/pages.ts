import type { OutboxStore, StoredMutation } from './outbox-store.ts';

/** Entries that are read from the store at once: an outbox has no bound but the device's storage. */
const PAGE_ENTRIES = 500;

type ReadPage = (limit: number, after: number) => Promise<StoredMutation[]>;

/** All mutations that are not yet settled, in order of `seq`, read in pages. */
export function allPending(outbox: Pick<OutboxStore, 'pending'>): Promise<StoredMutation[]> {
  return all((limit, after) => outbox.pending(limit, after));
}

/** All entries, pending and rejected, in order of `seq`, read in pages. */
export function allEntries(outbox: Pick<OutboxStore, 'list'>): Promise<StoredMutation[]> {
  return all((limit, after) => outbox.list(limit, after));
}

async function all(read: ReadPage): Promise<StoredMutation[]> {
  const found: StoredMutation[] = [];
  for (;;) {
    const page = await read(PAGE_ENTRIES, found.at(-1)?.seq ?? 0);
    for (const entry of page) found.push(entry);
    if (page.length < PAGE_ENTRIES) return found;
  }
}
