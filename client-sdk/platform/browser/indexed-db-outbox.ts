import type { OutboxStore, StoredMutation } from '../../outbox/outbox-store.ts';
import type { BrowserDatabase, MutationRecord } from './database.ts';
import { wholly } from './whole-transaction.ts';

/** Asked of each write: it resolves once the bytes are on the disk, as far as the browser can tell. */
const STRICT = { durability: 'strict' } as const;

/**
 * The outbox in a browser. Several tabs may hold it at once: `seq` is given inside one readwrite transaction,
 * which IndexedDB runs one after the other.
 */
export class IndexedDbOutbox implements OutboxStore {
  readonly #database: BrowserDatabase;
  readonly #account: string;

  constructor(database: BrowserDatabase, account: string) {
    this.#database = database;
    this.#account = account;
  }

  async append(mutation: Omit<StoredMutation, 'seq'>): Promise<StoredMutation> {
    const account = this.#account;
    const tx = this.#database.transaction(['counters', 'mutations'], 'readwrite', STRICT);
    const [counters, mutations] = [tx.objectStore('counters'), tx.objectStore('mutations')];
    return wholly(tx, async () => {
      const seq = ((await counters.get(account)) ?? 0) + 1;
      const stored: StoredMutation = { ...mutation, seq };
      await counters.put(seq, account);
      await mutations.add({ ...stored, account, state: 'pending' });
      return stored;
    });
  }

  async pending(limit: number, after = 0): Promise<StoredMutation[]> {
    const range = inState(this.#account, 'pending', after);
    return (await this.#database.getAllFromIndex('mutations', 'byState', range, limit)).map(toStored);
  }

  async list(limit: number, after = 0): Promise<StoredMutation[]> {
    return (await this.#database.getAll('mutations', allOf(this.#account, after), limit)).map(toStored);
  }

  async find(id: string): Promise<StoredMutation | undefined> {
    const record = await this.#database.getFromIndex('mutations', 'byId', [this.#account, id]);
    return record === undefined ? undefined : toStored(record);
  }

  async counts(): Promise<{ pending: number; rejected: number }> {
    const [pending, rejected] = await Promise.all([
      this.#database.countFromIndex('mutations', 'byState', inState(this.#account, 'pending')),
      this.#database.countFromIndex('mutations', 'byState', inState(this.#account, 'rejected')),
    ]);
    return { pending, rejected };
  }

  settleApplied(id: string): Promise<void> {
    return this.#change(id, () => 'remove');
  }

  settleRejected(id: string, rejection: NonNullable<StoredMutation['rejection']>): Promise<void> {
    return this.#change(id, (record) => ({ ...record, state: 'rejected', rejection }));
  }

  async replaceRejected(
    id: string,
    mutation: Omit<StoredMutation, 'seq'>,
  ): Promise<StoredMutation | undefined> {
    const account = this.#account;
    const tx = this.#database.transaction(['counters', 'mutations'], 'readwrite', STRICT);
    const [counters, mutations] = [tx.objectStore('counters'), tx.objectStore('mutations')];
    return wholly(tx, async () => {
      const rejected = await mutations.index('byId').get([account, id]);
      if (rejected?.state !== 'rejected') return undefined;
      const seq = ((await counters.get(account)) ?? 0) + 1;
      const stored: StoredMutation = { ...mutation, seq };
      await counters.put(seq, account);
      await mutations.delete([account, rejected.seq]);
      await mutations.add({ ...stored, account, state: 'pending' });
      return stored;
    });
  }

  discard(id: string): Promise<void> {
    return this.#change(id, (record) => (record.state === 'rejected' ? 'remove' : record));
  }

  /** The database belongs to the store, which closes it. */
  async close(): Promise<void> {}

  async #change(id: string, change: (record: MutationRecord) => MutationRecord | 'remove'): Promise<void> {
    const tx = this.#database.transaction('mutations', 'readwrite', STRICT);
    await wholly(tx, async () => {
      const record = await tx.store.index('byId').get([this.#account, id]);
      if (record === undefined) return;
      const next = change(record);
      if (next === 'remove') await tx.store.delete([this.#account, record.seq]);
      else await tx.store.put(next);
    });
  }
}

function toStored({ account: _account, state: _state, ...mutation }: MutationRecord): StoredMutation {
  return mutation;
}

const allOf = (account: string, after: number) =>
  IDBKeyRange.bound([account, after], [account, Number.MAX_SAFE_INTEGER], true);

const inState = (account: string, state: MutationRecord['state'], after = 0) =>
  IDBKeyRange.bound([account, state, after], [account, state, Number.MAX_SAFE_INTEGER], true);
