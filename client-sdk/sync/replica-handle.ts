import type { HaloStatus, QueryRow } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import { openReplica, rebuildPending } from '../replica/replica.ts';
import type { Replica } from '../replica/replica.ts';
import { dropSchema } from '../replica/schema.ts';

/** The replica while it opens, and whether it did. Opening it never holds up the outbox. */
export class ReplicaHandle {
  /** The replica with the optimistic rows of the outbox in it; undefined when it cannot be opened. Never rejects. */
  readonly opened: Promise<Replica | undefined>;
  readonly #onState: (state: HaloStatus['replica']) => void;
  #accepts = false;
  #failure: string | undefined;

  /** Begins to open it. */
  constructor(
    store: DeviceStore,
    account: string,
    outbox: OutboxStore,
    onState: (state: HaloStatus['replica']) => void,
  ) {
    this.#onState = onState;
    this.opened = this.#open(store, account, outbox);
  }

  /**
   * Whether a mutation that is queued now must add its own row. It becomes true before the outbox is read for
   * the rebuild, so that no mutation falls between the two.
   */
  accepts(): boolean {
    return this.#accepts;
  }

  /** Queries it once it is open. Throws `replica_unavailable`. */
  async query<Row extends QueryRow>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const replica = await this.opened;
    if (replica !== undefined) return replica.query<Row>(sql, params);
    const message = `The replica could not be opened: ${this.#failure ?? 'for an unknown reason'}`;
    throw new HaloClientError('replica_unavailable', message);
  }

  /** Empties it for all who share it: the files go only when the last of them has let go. */
  async clear(): Promise<void> {
    const replica = await this.opened;
    if (replica !== undefined) await dropSchema(replica.database);
  }

  async close(): Promise<void> {
    await (await this.opened)?.database.close();
  }

  async #open(store: DeviceStore, account: string, outbox: OutboxStore): Promise<Replica | undefined> {
    try {
      const replica = await openReplica(store, account);
      this.#accepts = true;
      await rebuildPending(replica, outbox);
      this.#onState({ state: 'ready' });
      return replica;
    } catch (error) {
      this.#accepts = false;
      this.#failure = messageOf(error);
      const code = 'replica_unavailable';
      this.#onState({ state: 'unavailable', error: { code, message: this.#failure } });
      return undefined;
    }
  }
}
