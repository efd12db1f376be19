import type { QueryRow, StatusError } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import { openReplica, rebuildPending } from '../replica/replica.ts';
import type { Replica } from '../replica/replica.ts';
import { dropSchema } from '../replica/schema.ts';
import type { Environment } from './environment.ts';
import type { StatusBoard } from './status-board.ts';

export interface ReplicaHandleOptions {
  readonly store: DeviceStore;
  readonly account: string;
  readonly outbox: OutboxStore;
  readonly environment: Pick<Environment, 'now'>;
  /** Hears how it is. */
  readonly board: Pick<StatusBoard, 'replica' | 'replicaTrouble'>;
}

/** Most mutations that are remembered for a replica which is still opening; of older ones the stream tells. */
const MAX_APPLIED_BEFORE = 10_000;

/** The replica while it opens, and whether it did. Opening it never holds up the outbox. */
export class ReplicaHandle {
  readonly #options: ReplicaHandleOptions;
  #opened: Promise<Replica | undefined>;
  /** Resolves when it is closed for good; undefined while it is not given up. */
  #givenUp: Promise<void> | undefined;
  #accepts = false;
  #failure: string | undefined;
  /** What the server applied before the replica took rows. */
  readonly #appliedBefore: StoredMutation[] = [];

  /** Begins to open it. */
  constructor(options: ReplicaHandleOptions) {
    this.#options = options;
    this.#opened = this.#open();
  }

  /**
   * The replica with the optimistic rows of the outbox in it; undefined when it cannot be opened, or has been given up. Never
   * rejects.
   */
  get opened(): Promise<Replica | undefined> {
    return this.#opened;
  }

  /**
   * Whether a mutation that is queued now must add its own row. It becomes true before the outbox is read for
   * the rebuild, so that no mutation falls between the two.
   */
  accepts(): boolean {
    return this.#accepts;
  }

  /**
   * The server has applied a mutation while the replica does not take rows yet, and the outbox lets it go: the replica will
   * open with it, so that nobody's own report is gone from sight until the stream brings it.
   */
  appliedBefore(mutation: StoredMutation): void {
    this.#appliedBefore.push(mutation);
    if (this.#appliedBefore.length > MAX_APPLIED_BEFORE) this.#appliedBefore.shift();
  }

  /** Queries it once it is open. Throws `replica_unavailable`. */
  async query<Row extends QueryRow>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const replica = await this.#opened;
    try {
      if (replica !== undefined) return await replica.query<Row>(sql, params);
    } catch (error) {
      if (this.#givenUp === undefined) throw error;
    }
    const message = `The replica could not be opened: ${this.#failure ?? 'for an unknown reason'}`;
    throw new HaloClientError('replica_unavailable', message);
  }

  /** Empties it for all who share it: the files go only when the last of them has let go. */
  async clear(): Promise<void> {
    const replica = await this.#opened;
    if (replica !== undefined) await dropSchema(replica.database);
  }

  async close(): Promise<void> {
    await this.#givenUp;
    await (await this.#opened)?.database.close();
  }

  /**
   * Closes it for good: its room is needed for the queue, and it will be deleted. Says so, and refuses what is asked of it from
   * now on. Resolves when it is closed, or cannot be; never rejects.
   */
  giveUp(): Promise<void> {
    this.#givenUp ??= this.#letGo();
    return this.#givenUp;
  }

  async #letGo(): Promise<void> {
    const opened = this.#opened;
    this.#opened = Promise.resolve(undefined);
    this.#accepts = false;
    this.#failure = 'it was deleted to make room for what is queued; open the client again';
    const message = 'The copy on this device was deleted to make room for what is queued.';
    this.#options.board.replica({ state: 'unavailable', error: { code: 'replica_gave_room', message } });
    await (await opened)?.database.close(true).catch(() => {});
  }

  async #open(): Promise<Replica | undefined> {
    const { store, account, outbox, environment, board } = this.#options;
    const onTrouble = (trouble: StatusError | undefined) => board.replicaTrouble(trouble);
    const onLost = (error: StatusError) => {
      this.#accepts = false;
      if (this.#givenUp === undefined) board.replica({ state: 'unavailable', error });
    };
    let replica: Replica | undefined;
    try {
      replica = await openReplica(store, account, { now: environment.now, onTrouble, onLost });
      this.#accepts = this.#givenUp === undefined;
      await rebuildPending(replica, outbox, this.#appliedBefore.splice(0));
      if (this.#givenUp === undefined) board.replica({ state: 'ready' });
      return replica;
    } catch (error) {
      const message = messageOf(error);
      this.#failure ??= message;
      onLost({ code: 'replica_unavailable', message });
      // Nobody could reach it any more, to close it.
      await replica?.database.close().catch(() => {});
      return undefined;
    }
  }
}
