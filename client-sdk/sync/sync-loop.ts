import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { messageOf } from '../errors.ts';
import { DeliveryDriver } from '../outbox/delivery-driver.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { readBatchAnswer } from '../outbox/post-batch.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import { Committer } from '../replica/committer.ts';
import { pruneCursors } from '../replica/cursors.ts';
import { dropDelivered } from '../replica/pending-reports.ts';
import type { PendingReports } from '../replica/pending-reports.ts';
import { ReplicaSink } from '../replica/replica-sink.ts';
import type { Subscription } from '../replica/subscription.ts';
import { StreamDriver } from '../streams/stream-driver.ts';
import { retryDelayMs } from './backoff.ts';
import { loadIdentity, saveIdentity } from './device-identity.ts';
import type { Environment } from './environment.ts';
import type { Http } from './http.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { requestAuthorized } from './session.ts';
import type { AuthorizedOutcome, Session } from './session.ts';
import type { StatusBoard } from './status-board.ts';

export interface SyncOptions {
  readonly url: string;
  readonly account: string;
  readonly outbox: OutboxStore;
  readonly settings: SettingsStore;
  readonly subscriptions: readonly Subscription[];
  readonly session: Session;
  readonly http: Http;
  readonly environment: Environment;
  readonly board: StatusBoard;
  readonly replica: ReplicaHandle;
  /** These views have other rows now. */
  onTables(tables: readonly string[]): void;
  onOutbox(): Promise<void>;
  /** Something asked of the replica has failed, of which no stream tells. */
  onReplicaError(message: string): void;
}

/** What the leading client runs: delivery of the outbox, and one stream for each subscription. */
export class SyncLoop {
  readonly #options: SyncOptions;
  readonly #delivery: DeliveryDriver;
  readonly #streams = new Map<string, StreamDriver>();

  constructor(options: SyncOptions) {
    this.#options = options;
    const { outbox, environment, settings, account, board } = options;
    this.#delivery = new DeliveryDriver({
      outbox,
      environment,
      identity: {
        load: () => loadIdentity(settings, account),
        save: (identity) => saveIdentity(settings, account, identity),
      },
      post: (batch, signal) => this.#post(batch, signal),
      settle: (mutation, result) => this.#settle(mutation, result),
      onState: (_state, error) => board.delivery(error),
    });
  }

  /** A mutation has been queued. */
  outboxChanged(): void {
    this.#delivery.wanted();
  }

  /** The network has come back, or the app is looked at again: everything that waits looks now. */
  online(): void {
    this.#delivery.online();
    for (const stream of this.#streams.values()) stream.nudge();
  }

  /** Runs until `signal` aborts. Delivery does not wait for the replica, nor end with it. */
  async run(signal: AbortSignal): Promise<void> {
    // Not AbortSignal.any: Node 20 may collect what it returns while it is still listened to.
    const ended = new AbortController();
    const end = () => ended.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const parts = [this.#delivery.run(ended.signal), this.#keepStreams(ended.signal)];
    try {
      await Promise.all(parts);
    } finally {
      end();
      signal.removeEventListener('abort', end);
      await Promise.allSettled(parts);
    }
  }

  /** A replica that cannot be read when the streams begin is asked again, later and later. */
  async #keepStreams(signal: AbortSignal): Promise<void> {
    const { environment, onReplicaError } = this.#options;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        return await this.#runStreams(signal);
      } catch (error) {
        onReplicaError(messageOf(error));
        await environment.sleep(retryDelayMs(failures, environment.random()), signal);
      }
    }
  }

  async #runStreams(signal: AbortSignal): Promise<void> {
    const { subscriptions, environment, onTables } = this.#options;
    const replica = await this.#options.replica.opened;
    if (replica === undefined || signal.aborted) return;
    const { database } = replica;
    if (await pruneCursors(database, subscriptions))
      onTables(subscriptions.map(({ definition }) => definition.name));
    const committer = new Committer({
      database,
      sleep: environment.sleep,
      nudge: (ids) => ids.forEach((id) => this.#streams.get(id)?.nudge()),
      onCommit: onTables,
      afterRows: async (tx, tables) => {
        if (tables.includes('my_reports') || tables.includes('my_mutations')) await dropDelivered(tx);
      },
    });
    const session = crypto.randomUUID();
    const runs: (() => Promise<void>)[] = [];
    for (const subscription of subscriptions) {
      const sink = new ReplicaSink(database, committer, subscription);
      const from = await sink.resume();
      const driver = this.#driver(subscription, sink, session);
      this.#streams.set(subscription.id, driver);
      runs.push(() => driver.run(from, signal));
    }
    const close = () => committer.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    await Promise.all(runs.map((run) => run()));
    this.#streams.clear();
  }

  #driver({ id, definition, params }: Subscription, sink: ReplicaSink, session: string): StreamDriver {
    const { url, environment, board } = this.#options;
    return new StreamDriver({
      url,
      shape: { name: definition.name, params },
      session,
      sink,
      environment,
      get: (target, signal) => this.#request({ method: 'GET', url: target, signal }),
      onState: (machine) => board.stream(id, machine),
    });
  }

  async #post(batch: MutationBatch, signal: AbortSignal) {
    const url = new URL('/v1/mutations', this.#options.url).href;
    const outcome = await this.#request({ method: 'POST', url, body: batch, signal });
    return readBatchAnswer(batch, outcome, this.#options.environment.now());
  }

  async #request(request: Parameters<typeof requestAuthorized>[2]): Promise<AuthorizedOutcome> {
    const { http, session, board } = this.#options;
    const outcome = await requestAuthorized(http, session, request);
    if (outcome.kind === 'refused') board.session(outcome.error);
    if (outcome.kind === 'answered' && outcome.status !== 401) board.session(undefined);
    return outcome;
  }

  /** The replica hears first: should the process die in between, the mutation is sent again and replayed. */
  async #settle({ id }: StoredMutation, result: MutationResult): Promise<void> {
    const { outbox, onOutbox } = this.#options;
    if (result.status === 'applied') {
      await this.#showSettled((pending) => pending.settled(id));
      await outbox.settleApplied(id);
    } else {
      const { code = 'rejected', message = 'The server rejected it.', field } = result;
      await outbox.settleRejected(id, { code, message, ...(field === undefined ? {} : { field }) });
      await this.#showSettled((pending) => pending.remove(id));
    }
    await onOutbox();
  }

  /** A replica that fails holds up no delivery: it is made to fit the outbox when it is opened next. */
  async #showSettled(show: (pending: PendingReports) => Promise<void>): Promise<void> {
    const { replica: handle, onTables, onReplicaError } = this.#options;
    // Until the replica takes rows, its rebuild reads an outbox from which this has gone already.
    const replica = handle.accepts() ? await handle.opened : undefined;
    try {
      if (replica !== undefined) await show(replica.pending);
      onTables(['my_reports']);
    } catch (error) {
      onReplicaError(messageOf(error));
    }
  }
}
