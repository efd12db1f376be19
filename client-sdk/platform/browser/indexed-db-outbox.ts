import type { IDBPObjectStore } from 'idb';
import type { OutboxStore, Replacement, StoredMutation } from '../../outbox/outbox-store.ts';
import type { BrowserConnection, BrowserSchema, MutationRecord } from './database.ts';
import { wholly } from './whole-transaction.ts';

/** Asked of each write: it resolves once the bytes are on the disk, as far as the browser can tell. */
const STRICT = { durability: 'strict' } as const;

/**
 * The outbox in a browser. Several tabs may hold it at once: `seq` is given inside one readwrite transaction,
 * which IndexedDB runs one after the other.
 */
export class IndexedDbOutbox implements OutboxStore {
  readonly #connection: BrowserConnection;
  readonly #account: string;

  constructor(connection: BrowserConnection, account: string) {
    this.#connection = connection;
    this.#account = account;
  }

  async append(mutation: Omit<StoredMutation, 'seq'>): Promise<StoredMutation> {
    return (await this.#queue([mutation]))![0]!;
  }

  async pending(limit: number, after = 0): Promise<StoredMutation[]> {
    const range = inState(this.#account, 'pending', after);
    const found = await this.#connection.use((database) =>
      database.getAllFromIndex('mutations', 'byState', range, limit),
    );
    return found.map(toStored);
  }

  async list(limit: number, after = 0): Promise<StoredMutation[]> {
    const range = allOf(this.#account, after);
    const found = await this.#connection.use((database) => database.getAll('mutations', range, limit));
    return found.map(toStored);
  }

  async find(id: string): Promise<StoredMutation | undefined> {
    const record = await this.#connection.use((database) =>
      database.getFromIndex('mutations', 'byId', [this.#account, id]),
    );
    return record === undefined ? undefined : toStored(record);
  }

  async counts(): Promise<{ pending: number; rejected: number }> {
    const [pending, rejected] = await this.#connection.use((database) =>
      Promise.all([
        database.countFromIndex('mutations', 'byState', inState(this.#account, 'pending')),
        database.countFromIndex('mutations', 'byState', inState(this.#account, 'rejected')),
      ]),
    );
    return { pending, rejected };
  }

  settleApplied(id: string): Promise<void> {
    return this.#change(id, () => 'remove');
  }

  settleRejected(id: string, rejection: NonNullable<StoredMutation['rejection']>): Promise<void> {
    return this.#change(id, (record) => ({ ...record, state: 'rejected', rejection }));
  }

  replaceRejected(replacements: readonly Replacement[]): Promise<StoredMutation[] | undefined> {
    const account = this.#account;
    const fresh = replacements.map(({ by }) => by);
    return this.#queue(fresh, async (mutations) => {
      const places: [string, number][] = [];
      for (const { id } of replacements) {
        const rejected = await mutations.index('byId').get([account, id]);
        if (rejected?.state !== 'rejected') return false;
        places.push([account, rejected.seq]);
      }
      for (const place of places) await mutations.delete(place);
      return true;
    });
  }

  discard(id: string): Promise<void> {
    return this.#change(id, (record) => (record.state === 'rejected' ? 'remove' : record));
  }

  /** The database belongs to the store, which closes it. */
  async close(): Promise<void> {}

  /** Gives them the next `seq`s, in the transaction in which `first` has found that they may be queued; else undefined. */
  #queue(
    fresh: readonly Omit<StoredMutation, 'seq'>[],
    first: (mutations: Mutations) => Promise<boolean> = async () => true,
  ): Promise<StoredMutation[] | undefined> {
    const account = this.#account;
    return this.#connection.use((database) => {
      const tx = database.transaction(['counters', 'mutations'], 'readwrite', STRICT);
      const [counters, mutations] = [tx.objectStore('counters'), tx.objectStore('mutations')];
      return wholly(tx, async () => {
        if (!(await first(mutations))) return undefined;
        const last = (await counters.get(account)) ?? 0;
        const stored = fresh.map((mutation, n) => ({ ...mutation, seq: last + 1 + n }));
        await counters.put(last + stored.length, account);
        for (const one of stored) await mutations.add({ ...one, account, state: 'pending' });
        return stored;
      });
    });
  }

  #change(id: string, change: (record: MutationRecord) => MutationRecord | 'remove'): Promise<void> {
    return this.#connection.use((database) => {
      const tx = database.transaction('mutations', 'readwrite', STRICT);
      return wholly(tx, async () => {
        const record = await tx.store.index('byId').get([this.#account, id]);
        if (record === undefined) return;
        const next = change(record);
        if (next === 'remove') await tx.store.delete([this.#account, record.seq]);
        else await tx.store.put(next);
      });
    });
  }
}

type Mutations = IDBPObjectStore<BrowserSchema, ['counters', 'mutations'], 'mutations', 'readwrite'>;

function toStored({ account: _account, state: _state, ...mutation }: MutationRecord): StoredMutation {
  return mutation;
}

const allOf = (account: string, after: number) =>
  IDBKeyRange.bound([account, after], [account, Number.MAX_SAFE_INTEGER], true);

const inState = (account: string, state: MutationRecord['state'], after = 0) =>
  IDBKeyRange.bound([account, state, after], [account, state, Number.MAX_SAFE_INTEGER], true);
