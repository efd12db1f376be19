import type { QueryRow } from '../api.ts';
import { MAX_OUTBOX_ENTRIES } from '../outbox/bounds.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import { PendingReports } from './pending-reports.ts';
import type { ReplicaDatabase } from './replica-database.ts';
import { ensureSchema } from './schema.ts';

/** The device's Postgres, open and of the right schema. */
export interface Replica {
  readonly database: ReplicaDatabase;
  readonly pending: PendingReports;
  query<Row extends QueryRow>(sql: string, params: readonly unknown[]): Promise<Row[]>;
}

/**
 * Opens the replica. One that does not open, or whose schema cannot be brought about, is deleted and made
 * again once: it is disposable. Rejects when that fails too.
 */
export async function openReplica(store: DeviceStore, account: string): Promise<Replica> {
  try {
    return await tryOpen(store, account);
  } catch {
    await store.destroyReplica(account);
    return tryOpen(store, account);
  }
}

async function tryOpen(store: DeviceStore, account: string): Promise<Replica> {
  const database = await store.openReplica(account);
  try {
    await ensureSchema(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    database,
    pending: new PendingReports(database),
    query: async <Row extends QueryRow>(sql: string, params: readonly unknown[]) =>
      (await database.query<Row>(sql, [...params])).rows,
  };
}

/** Makes the optimistic rows those of the outbox. */
export function rebuildPending(replica: Replica, outbox: OutboxStore): Promise<void> {
  return replica.pending.rebuild(outbox, MAX_OUTBOX_ENTRIES);
}
