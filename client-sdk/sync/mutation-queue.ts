import type { OutboxEntry, OutboxPage } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { Queued } from '../mutations-api.ts';
import { checkMutation, newMutation, toEntry } from '../outbox/entries.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { allEntries } from '../outbox/pages.ts';
import { withChanges, withDependency } from '../outbox/resend.ts';
import type { Environment } from './environment.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { SHOW_LIMIT_MS, waitAtMost } from './wait-at-most.ts';
import { saysWhatWasSeen, withWhatWasSeen } from './what-was-seen.ts';

export interface MutationQueueOptions {
  readonly outbox: OutboxStore;
  readonly replica: ReplicaHandle;
  readonly now: Environment['now'];
  readonly sleep: Environment['sleep'];
  /** The number of pending or rejected entries may have changed. */
  onChange(): Promise<void>;
  /** A mutation waits to be delivered. */
  onQueued(): void;
  /** The optimistic rows of these views have changed. */
  onRows(tables: readonly string[]): void;
  /** The row of a queued mutation cannot be shown; the mutation itself is safe. */
  onReplicaError(error: unknown): void;
}

/** What the public API does with the outbox. */
export class MutationQueue {
  readonly #options: MutationQueueOptions;
  /** The last mutation that says what its author saw: the next one has it before him. */
  #lastSeeing: Promise<unknown> = Promise.resolve();

  constructor(options: MutationQueueOptions) {
    this.#options = options;
  }

  /** Checks and queues a mutation; durable when this resolves. */
  queue(type: string, args: unknown): Promise<Queued> {
    return this.#afterOthers(type, async () => {
      const { outbox } = this.#options;
      return this.#queued(await outbox.append(await this.#mutation(type, args)));
    });
  }

  async list(page?: OutboxPage): Promise<OutboxEntry[]> {
    const { outbox } = this.#options;
    const entries = await (page === undefined ? allEntries(outbox) : outbox.list(page.limit, page.after));
    return entries.map(toEntry);
  }

  /**
   * Puts a rejected entry, with changes, anew into the queue, and behind it those that were rejected only because it
   * was. Throws `not_rejected`, also when it was done before.
   */
  async resend(id: string, changes: Readonly<Record<string, unknown>>): Promise<Queued> {
    const entry = await this.#rejectedEntry(id);
    const sent = await this.#replace(entry, withChanges(entry, changes));
    if (sent === undefined) throw notRejected(id);
    await this.#resendDependents(id, sent.id);
    return sent;
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

  async #mutation(type: string, args: unknown): Promise<Omit<StoredMutation, 'seq'>> {
    const seen = await withWhatWasSeen(type, args, this.#options);
    return newMutation(type, checkMutation(type, seen), this.#options.now());
  }

  /** Undefined when another has taken its place already. */
  #replace({ id, type }: StoredMutation, args: unknown): Promise<Queued | undefined> {
    return this.#afterOthers(type, async () => {
      const stored = await this.#options.outbox.replaceRejected(id, await this.#mutation(type, args));
      return stored === undefined ? undefined : this.#queued(stored);
    });
  }

  /** In the order in which they were queued, so that each comes behind what it builds upon. */
  async #resendDependents(id: string, newId: string): Promise<void> {
    const again = new Map([[id, newId]]);
    for (const entry of await allEntries(this.#options.outbox)) {
      const args = withDependency(entry, again);
      const sent = args === undefined ? undefined : await this.#replace(entry, args);
      if (sent !== undefined) again.set(entry.id, sent.id);
    }
  }

  /** Two that say what was seen must not see the same when they are asked for together. */
  #afterOthers<T>(type: string, work: () => Promise<T>): Promise<T> {
    if (!saysWhatWasSeen(type)) return work();
    const turn = this.#lastSeeing.then(work);
    this.#lastSeeing = turn.catch(() => {});
    return turn;
  }

  async #queued(stored: StoredMutation): Promise<Queued> {
    const { sleep, onChange, onQueued } = this.#options;
    // What shows the row may hang with the replica; the mutation is safe.
    await waitAtMost(this.#show(stored), SHOW_LIMIT_MS, sleep);
    await onChange();
    onQueued();
    return { id: stored.id, seq: stored.seq };
  }

  /** The row is a convenience: the mutation is safe whether or not the replica can show it. */
  async #show(stored: StoredMutation): Promise<void> {
    const { replica, onRows, onReplicaError } = this.#options;
    if (!replica.accepts()) return;
    try {
      onRows((await (await replica.opened)?.pending.add(stored)) ?? []);
    } catch (error) {
      onReplicaError(error);
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
