import type { OutboxEntry, OutboxPage } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import { checkMutation, newMutation, toEntry } from '../outbox/entries.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { allEntries } from '../outbox/pages.ts';
import type { Environment } from './environment.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { SHOW_LIMIT_MS, waitAtMost } from './wait-at-most.ts';

export interface MutationQueueOptions {
  readonly outbox: OutboxStore;
  readonly replica: ReplicaHandle;
  readonly now: Environment['now'];
  readonly sleep: Environment['sleep'];
  /** The number of pending or rejected entries may have changed. */
  onChange(): Promise<void>;
  /** A mutation waits to be delivered. */
  onQueued(): void;
  /** The optimistic rows have changed. */
  onRows(): void;
  /** The row of a queued mutation cannot be shown; the mutation itself is safe. */
  onReplicaError(message: string): void;
}

/** What the public API does with the outbox. */
export class MutationQueue {
  readonly #options: MutationQueueOptions;

  constructor(options: MutationQueueOptions) {
    this.#options = options;
  }

  /** Checks and queues a mutation; durable when this resolves. */
  async queue(type: string, args: unknown): Promise<{ id: string; seq: number }> {
    const { outbox, now } = this.#options;
    return this.#queued(await outbox.append(newMutation(type, checkMutation(type, args), now())));
  }

  async list(page?: OutboxPage): Promise<OutboxEntry[]> {
    const { outbox } = this.#options;
    const entries = await (page === undefined ? allEntries(outbox) : outbox.list(page.limit, page.after));
    return entries.map(toEntry);
  }

  /** Puts a rejected entry, with changes, anew into the queue. Throws `not_rejected`, also when it was done before. */
  async resend(id: string, changes: Readonly<Record<string, unknown>>): Promise<{ id: string; seq: number }> {
    const { outbox, now } = this.#options;
    const { type, args } = await this.#rejectedEntry(id);
    const changed = checkMutation(type, { ...(args as object), ...changes });
    const stored = await outbox.replaceRejected(id, newMutation(type, changed, now()));
    if (stored === undefined) throw notRejected(id);
    return this.#queued(stored);
  }

  /** Drops a rejected entry. Throws `not_rejected`. */
  async discard(id: string): Promise<void> {
    await this.#rejectedEntry(id);
    await this.#options.outbox.discard(id);
    await this.#options.onChange();
  }

  /** Drops everything, pending or not: at log-out, when a person has said so. True when something was pending. */
  async empty(): Promise<boolean> {
    const { outbox } = this.#options;
    const entries = await allEntries(outbox);
    const pending = entries.filter(({ rejection }) => rejection === undefined);
    const gone = { code: 'discarded_at_logout', message: 'Discarded at log-out.' };
    await Promise.all(pending.map(({ id }) => outbox.settleRejected(id, gone)));
    await Promise.all(entries.map(({ id }) => outbox.discard(id)));
    return pending.length > 0;
  }

  async #queued(stored: StoredMutation): Promise<{ id: string; seq: number }> {
    const { sleep, onChange, onQueued } = this.#options;
    // What shows the row may hang with the replica; the report is safe.
    await waitAtMost(this.#show(stored), SHOW_LIMIT_MS, sleep);
    await onChange();
    onQueued();
    return { id: stored.id, seq: stored.seq };
  }

  /** The row is a convenience: the report is safe whether or not the replica can show it. */
  async #show(stored: StoredMutation): Promise<void> {
    const { replica, onRows, onReplicaError } = this.#options;
    if (!replica.accepts()) return;
    try {
      await (await replica.opened)?.pending.add(stored);
      onRows();
    } catch (error) {
      onReplicaError(messageOf(error));
    }
  }

  async #rejectedEntry(id: string): Promise<StoredMutation> {
    const entry = await this.#options.outbox.find(id);
    if (entry?.rejection === undefined) throw notRejected(id);
    return entry;
  }
}

function notRejected(id: string): HaloClientError {
  return new HaloClientError('not_rejected', `The outbox holds no rejected entry ${id}.`);
}
