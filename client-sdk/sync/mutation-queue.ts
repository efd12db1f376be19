import type { OutboxEntry, OutboxPage } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { loadPart } from '../load-part.ts';
import type { Queued } from '../mutations-api.ts';
import { checkMutation, newMutation, toEntry } from '../outbox/entries.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { allEntries } from '../outbox/pages.ts';
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

type Args = Readonly<Record<string, unknown>>;

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
      return this.#queued([await outbox.append(await this.#mutation(type, args))]);
    });
  }

  async list(page?: OutboxPage): Promise<OutboxEntry[]> {
    const { outbox } = this.#options;
    const entries = await (page === undefined ? allEntries(outbox) : outbox.list(page.limit, page.after));
    return entries.map(toEntry);
  }

  /**
   * Puts a rejected entry, with changes, anew into the queue, and behind it those that were rejected only because it
   * was, in one step. Throws `not_rejected`, also when it was done before.
   */
  async resend(id: string, changes: Args): Promise<Queued> {
    const entry = await this.#rejectedEntry(id);
    const stored = await this.#afterOthers(entry.type, () => this.#replace(entry, changes));
    // Where one of them has been dropped or sent again meanwhile, what is left now is sent.
    return stored === undefined ? this.resend(id, changes) : this.#queued(stored);
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

  async #replace(entry: StoredMutation, changes: Args): Promise<StoredMutation[] | undefined> {
    const { outbox, now } = this.#options;
    const { withChanges, withDependents } = await loadPart(() => import('../outbox/resend.ts'));
    const by = await this.#mutation(entry.type, withChanges(entry, changes));
    const entries = await allEntries(outbox);
    return outbox.replaceRejected(
      withDependents({ id: entry.id, by }, entries, (type, args) => newMutation(type, args, now())),
    );
  }

  /** Two that say what was seen must not see the same when they are asked for together. */
  #afterOthers<T>(type: string, work: () => Promise<T>): Promise<T> {
    if (!saysWhatWasSeen(type)) return work();
    const turn = this.#lastSeeing.then(work);
    this.#lastSeeing = turn.catch(() => {});
    return turn;
  }

  /** Gives the first of them. */
  async #queued(stored: readonly StoredMutation[]): Promise<Queued> {
    const { sleep, onChange, onQueued } = this.#options;
    // What shows the rows may hang with the replica; the mutation is safe.
    await waitAtMost(this.#show(stored), SHOW_LIMIT_MS, sleep);
    await onChange();
    onQueued();
    const { id, seq } = stored[0]!;
    return { id, seq };
  }

  /** The rows are a convenience: the mutations are safe whether or not the replica can show them. */
  async #show(stored: readonly StoredMutation[]): Promise<void> {
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
    if (entry?.rejection === undefined)
      throw new HaloClientError('not_rejected', `The outbox holds no rejected entry ${id}.`);
    return entry;
  }
}
