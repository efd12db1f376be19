import { HaloClientError } from '../../errors.ts';
import { MAX_OUTBOX_ENTRIES } from '../../outbox/bounds.ts';
import type { OutboxStore, StoredMutation } from '../../outbox/outbox-store.ts';
import type { BrowserDatabase, MutationRecord } from './database.ts';

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
    const mutations = tx.objectStore('mutations');
    const held = await mutations.count(allOf(account));
    if (held >= MAX_OUTBOX_ENTRIES) {
      tx.abort();
      await tx.done.catch(() => {});
      throw new HaloClientError('outbox_full', `The outbox holds ${MAX_OUTBOX_ENTRIES} entries already.`);
    }
    const seq = ((await tx.objectStore('counters').get(account)) ?? 0) + 1;
    const stored: StoredMutation = { ...mutation, seq };
    await Promise.all([
      tx.objectStore('counters').put(seq, account),
      mutations.add({ ...stored, account, state: 'pending' }),
      tx.done,
    ]);
    return stored;
  }

  async pending(limit: number): Promise<StoredMutation[]> {
    const range = inState(this.#account, 'pending');
    return (await this.#database.getAllFromIndex('mutations', 'byState', range, limit)).map(toStored);
  }

  async rejected(): Promise<StoredMutation[]> {
    const range = inState(this.#account, 'rejected');
    return (await this.#database.getAllFromIndex('mutations', 'byState', range)).map(toStored);
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
    const rejected = await mutations.index('byId').get([account, id]);
    if (rejected?.state !== 'rejected') {
      await tx.done;
      return undefined;
    }
    const seq = ((await counters.get(account)) ?? 0) + 1;
    const stored: StoredMutation = { ...mutation, seq };
    await Promise.all([
      counters.put(seq, account),
      mutations.delete([account, rejected.seq]),
      mutations.add({ ...stored, account, state: 'pending' }),
      tx.done,
    ]);
    return stored;
  }

  discard(id: string): Promise<void> {
    return this.#change(id, (record) => (record.state === 'rejected' ? 'remove' : record));
  }

  /** The database belongs to the store, which closes it. */
  async close(): Promise<void> {}

  async #change(id: string, change: (record: MutationRecord) => MutationRecord | 'remove'): Promise<void> {
    const tx = this.#database.transaction('mutations', 'readwrite', STRICT);
    const record = await tx.store.index('byId').get([this.#account, id]);
    if (record !== undefined) {
      const next = change(record);
      if (next === 'remove') await tx.store.delete([this.#account, record.seq]);
      else await tx.store.put(next);
    }
    await tx.done;
  }
}

function toStored({ account: _account, state: _state, ...mutation }: MutationRecord): StoredMutation {
  return mutation;
}

const allOf = (account: string) => IDBKeyRange.bound([account, 0], [account, Number.MAX_SAFE_INTEGER]);

const inState = (account: string, state: MutationRecord['state']) =>
  IDBKeyRange.bound([account, state, 0], [account, state, Number.MAX_SAFE_INTEGER]);
