import type { ReplicaDatabase } from '../replica/replica-database.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { Tabs } from './tabs.ts';

/**
 * Where a device keeps its things. Outbox and replica are separate stores: the replica is disposable, the
 * outbox is not. Each account has its own of both, named by `account` (letters and digits, from
 * `sync/account.ts`), so that two people who share a device never see each other's data.
 */
export interface DeviceStore {
  /** Opens the durable queue; fails with `store_in_use` when another process holds the store. */
  openOutbox(account: string): Promise<OutboxStore>;
  /** Opens (or makes) the replica's Postgres. */
  openReplica(account: string): Promise<ReplicaDatabase>;
  /**
   * Deletes the replica, to be built again; this client does not have it open. Where others can have, waits some seconds until
   * they let go of it, and rejects when they do not.
   */
  destroyReplica(account: string): Promise<void>;
  /** Small durable values: device id, session tokens. */
  readonly settings: SettingsStore;
  /** How clients that share this store agree on one leader for the account. */
  tabs(account: string): Tabs;
  /** Hears of the platform's own signs that the network came (or the app is looked at again) or went. */
  onNetwork(listener: (state: 'came' | 'went') => void): () => void;
  /** Lets go of all that is open; comes last, after outbox and replica have been closed. */
  close(): Promise<void>;
}

/** Small durable values by key; `set` and `delete` resolve when they would survive a crash. */
export interface SettingsStore {
  /** The value; undefined where there is none. */
  get(key: string): Promise<string | undefined>;
  /** Puts the value in the place of the one before. */
  set(key: string, value: string): Promise<void>;
  /** Forgets the value, if there is one. */
  delete(key: string): Promise<void>;
}
