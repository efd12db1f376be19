import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { StoredMutation } from '../../outbox/outbox-store.ts';

/** Version of the stores below; a change needs an upgrade that keeps every mutation. */
const VERSION = 1;

/** A mutation as IndexedDB keeps it. */
export interface MutationRecord extends StoredMutation {
  readonly account: string;
  readonly state: 'pending' | 'rejected';
}

export interface BrowserSchema extends DBSchema {
  settings: { key: string; value: string };
  /** By account: the highest `seq` ever given. */
  counters: { key: string; value: number };
  mutations: {
    key: [string, number];
    value: MutationRecord;
    indexes: { byId: [string, string]; byState: [string, string, number] };
  };
}

export type BrowserDatabase = IDBPDatabase<BrowserSchema>;

/** Opens the IndexedDB database that holds a store's settings and outboxes. */
export function openBrowserDatabase(name: string): Promise<BrowserDatabase> {
  return openDB<BrowserSchema>(`halo-${name}`, VERSION, {
    upgrade(database) {
      database.createObjectStore('settings');
      database.createObjectStore('counters');
      const mutations = database.createObjectStore('mutations', { keyPath: ['account', 'seq'] });
      mutations.createIndex('byId', ['account', 'id'], { unique: true });
      mutations.createIndex('byState', ['account', 'state', 'seq']);
    },
    // A newer version of the app wants to upgrade: this one must not stand in its way.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}
