import { HaloClientError } from '../errors.ts';
import type { OutboxStore } from './outbox-store.ts';

/**
 * Room for what must be kept: a durable write that fails with `store_full` has what is disposable given up, and is tried once
 * more. Such a write has changed nothing, so that it may be. Of several that fail together, the first has it given up for all.
 */
export class Room {
  readonly #make: () => Promise<void>;
  #making: Promise<void> | undefined;
  /** How often room has been made. */
  #made = 0;

  /** `make` gives up what is disposable, waits for that no longer than it may, and never rejects. */
  constructor(make: () => Promise<void>) {
    this.#make = make;
  }

  /** The same outbox, whose writes fail for want of room only when there is none after room was made. */
  outbox(outbox: OutboxStore): OutboxStore {
    return {
      append: (mutation) => this.#write(() => outbox.append(mutation)),
      pending: (limit, after) => outbox.pending(limit, after),
      list: (limit, after) => outbox.list(limit, after),
      find: (id) => outbox.find(id),
      counts: () => outbox.counts(),
      settleApplied: (id) => this.#write(() => outbox.settleApplied(id)),
      settleRejected: (id, rejection) => this.#write(() => outbox.settleRejected(id, rejection)),
      replaceRejected: (all) => this.#write(() => outbox.replaceRejected(all)),
      discard: (id) => this.#write(() => outbox.discard(id)),
      close: () => outbox.close(),
    };
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    const made = this.#made;
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof HaloClientError) || error.code !== 'store_full') throw error;
    }
    // Where room was made since this began, it may be enough.
    if (made === this.#made) {
      this.#making ??= this.#make().finally(() => {
        this.#made += 1;
        this.#making = undefined;
      });
      await this.#making;
    }
    return write();
  }
}
