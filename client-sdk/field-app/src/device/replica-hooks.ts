import type { HaloStatus, OutboxEntry, QueryRow } from '@halo/client';
import { useHaloStatus } from '@halo/client/react/use-halo-status.ts';
import { useLiveQuery } from '@halo/client/react/use-live-query.ts';
import { useOutbox } from '@halo/client/react/use-outbox.ts';

/** Rows of a live query; undefined until the first answer. */
export function useRows<Row extends QueryRow>(sql: string, params: readonly unknown[]): Row[] | undefined {
  return useLiveQuery<Row>(sql, params);
}

/** The device's status as it changes. */
export function useStatus(): HaloStatus {
  return useHaloStatus();
}

/** The outbox's entries as they change; undefined until they are read. */
export function useOutboxEntries(): readonly OutboxEntry[] | undefined {
  return useOutbox();
}
