import type { ReplicaDatabase } from '../replica/replica-database.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';

/**
 * Where a device keeps its things. Outbox and replica are separate stores: the replica is disposable, the
 * outbox is not. One store belongs to one account at a time.
 */
export interface DeviceStore {
  /** Opens the durable queue; fails with `store_in_use` when another process holds it. */
  openOutbox(): Promise<OutboxStore>;
  /** Opens (or makes) the replica's Postgres. */
  openReplica(): Promise<ReplicaDatabase>;
  /** Deletes the replica, to be built again. */
  destroyReplica(): Promise<void>;
  /** Small durable values: device id, session tokens. */
  readonly settings: {
    get(key: string): Promise<string | undefined>;
    set(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
  };
  close(): Promise<void>;
}
