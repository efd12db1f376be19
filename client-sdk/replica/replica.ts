import type { QueryRow } from '../api.ts';
import { isInterrupted } from '../errors.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import { isReplicaDoomed, replicaIsGone } from './doomed-replica.ts';
import { MendedDatabase } from './mended-database.ts';
import type { MendedOptions } from './mended-database.ts';
import { PendingMutations } from './pending/pending-mutations.ts';
import type { ReplicaDatabase } from './replica-database.ts';
import { dropSchema, ensureSchema } from './schema.ts';

/** The device's Postgres, open and of the right schema. */
export interface Replica {
  readonly database: ReplicaDatabase;
  readonly pending: PendingMutations;
  query<Row extends QueryRow>(sql: string, params: readonly unknown[]): Promise<Row[]>;
}

/** So often it is tried to open it; before the last attempt it is deleted. */
const OPEN_ATTEMPTS = 3;

/** What becomes of an open replica. */
export type ReplicaFate = Pick<MendedOptions, 'now' | 'onTrouble' | 'onLost'>;

const UNWATCHED: ReplicaFate = { now: () => Date.now(), onTrouble: () => {}, onLost: () => {} };

/**
 * Opens the replica. One that does not open when it is tried again, or whose schema cannot be brought about, is deleted and
 * made again: it is disposable. Rejects when that fails too. One that crashes later is opened again in its place.
 */
export async function openReplica(
  store: DeviceStore,
  account: string,
  fate: ReplicaFate = UNWATCHED,
): Promise<Replica> {
  const open = async (anew: boolean) => {
    // Where another tab holds its files, it is opened as it is.
    if (anew) await store.destroyReplica(account).catch(() => {});
    return openWhole(store, account);
  };
  const database = await MendedDatabase.open({ ...fate, open });
  return {
    database,
    pending: new PendingMutations(database),
    query: async <Row extends QueryRow>(sql: string, params: readonly unknown[]) =>
      (await database.query<Row>(sql, [...params])).rows,
  };
}

async function openWhole(store: DeviceStore, account: string): Promise<ReplicaDatabase> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await isReplicaDoomed(store.settings, account)) await remove(store, account);
      return await tryOpen(store, account);
    } catch (error) {
      if (attempt === OPEN_ATTEMPTS) throw error;
      // What failed once may have been its code, which did not come, and the rows are whole; perhaps another tab runs it by
      // now, and keeps its files. Interrupted by another tab's end, it is whole, too.
      const isLast = attempt + 1 === OPEN_ATTEMPTS;
      if (isLast && !isInterrupted(error)) await store.destroyReplica(account).catch(() => {});
    }
  }
}

/** Where another tab still holds its files, what is in it goes. */
async function remove(store: DeviceStore, account: string): Promise<void> {
  try {
    await store.destroyReplica(account);
  } catch {
    const database = await store.openReplica(account);
    try {
      await dropSchema(database);
    } finally {
      await database.close();
    }
  }
  await replicaIsGone(store.settings, account);
}

async function tryOpen(store: DeviceStore, account: string): Promise<ReplicaDatabase> {
  const database = await store.openReplica(account);
  try {
    await ensureSchema(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Makes the optimistic rows those of the outbox, and of those `applied` since the outbox let them go. */
export async function rebuildPending(
  replica: Replica,
  outbox: OutboxStore,
  applied?: readonly StoredMutation[],
): Promise<void> {
  await replica.pending.rebuild(outbox, applied);
}
