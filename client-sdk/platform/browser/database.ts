import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { StoredMutation } from '../../outbox/outbox-store.ts';
import { storeFailure } from '../../outbox/store-failure.ts';

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

/** The IndexedDB database that holds a store's settings and outboxes; opened when it is first used. */
export class BrowserConnection {
  readonly #name: string;
  #opening: Promise<BrowserDatabase> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Begins something. Where the browser has closed the database (its files were cleared, a newer version of the app upgrades
   * it), it is opened once more. Throws what `begin` does, and `store_failed` where it cannot be opened.
   */
  async use<T>(begin: (database: BrowserDatabase) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const opening = (this.#opening ??= open(this.#name));
      try {
        return await begin(await opening);
      } catch (error) {
        const failure = storeFailure(error);
        if (failure === error) throw error;
        if (this.#opening === opening) this.close();
        // A closed one lets nothing begin, so that nothing is done twice.
        if (attempt === 2 || (error as DOMException).name !== 'InvalidStateError') throw failure;
      }
    }
  }

  /** Closes it when what has begun is done. */
  close(): void {
    void this.#opening?.then(
      (database) => database.close(),
      () => {},
    );
    this.#opening = undefined;
  }
}

function open(name: string): Promise<BrowserDatabase> {
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
