import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { ShapeVerification } from '../api.ts';
import { DeliveryDriver } from '../outbox/delivery-driver.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { readBatchAnswer } from '../outbox/post-batch.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import type { PendingMutations } from '../replica/pending/pending-mutations.ts';
import type { Subscription } from '../replica/subscription.ts';
import { loadPart } from '../load-part.ts';
import { loadIdentity, saveIdentity } from './device-identity.ts';
import type { DeviceReporter } from './device-reporter.ts';
import type { Environment } from './environment.ts';
import type { Http } from './http.ts';
import { LateVerifier } from './late-verifier.ts';
import { linkedAbort } from './linked-abort.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { requestAuthorized } from './session.ts';
import type { AuthorizedOutcome, Session } from './session.ts';
import type { StatusBoard } from './status-board.ts';
import { Streams } from './streams.ts';
import { SHOW_LIMIT_MS, waitAtMost } from './wait-at-most.ts';

export interface SyncOptions {
  readonly url: string;
  readonly account: string;
  /** There is no account: another person goes on where a session is over. */
  readonly anonymous: boolean;
  readonly outbox: OutboxStore;
  readonly settings: SettingsStore;
  /** What the app says of itself. */
  readonly app: { readonly appVersion?: string };
  /** What is to be streamed from now on. */
  subscriptions(): readonly Subscription[];
  readonly session: Session;
  readonly http: Http;
  readonly environment: Environment;
  readonly board: StatusBoard;
  readonly replica: ReplicaHandle;
  /** These views have other rows now. */
  onTables(tables: readonly string[]): void;
  onOutbox(): Promise<void>;
  /** Something asked of the replica has failed, of which no stream tells. */
  onReplicaError(error: unknown): void;
}

/** The server's word for a device that was another person's. */
const FOREIGN = 'device_of_another_account';

/** What the leading client runs: delivery of the outbox, and one stream for each subscription. */
export class SyncLoop {
  readonly #options: SyncOptions;
  readonly #delivery: DeliveryDriver;
  readonly #streams: Streams;
  readonly #verifier: LateVerifier;
  /** Undefined until its code is loaded: operators then know the device by its log-in. */
  #reporter: DeviceReporter | undefined;

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
    this.#streams = new Streams({
      ...options,
      request: (request) => this.request(request),
      onState: (id, machine) => board.stream(id, machine),
    });
    this.#verifier = new LateVerifier({
      ...options,
      request: (request) => this.request(request),
      isLive: (id) => board.isLive(id),
      refetch: (id) => this.#streams.refetch(id),
      onVerified: (verification) => board.verification(verification),
    });
  }

  /** A mutation has been queued. */
  outboxChanged(): void {
    this.#delivery.wanted();
  }

  /** The network has come back, or the app is looked at again: everything that waits looks now. */
  online(): void {
    this.#delivery.online();
    this.#streams.resumed();
  }

  /** Other subscriptions are to be streamed, or none any more, since the replica is given up. */
  shapesChanged(): void {
    this.#streams.restart();
  }

  /** Compares the replica's rows with the server's, of all shapes that are streamed. Throws `replica_unavailable`. */
  verify(signal: AbortSignal): Promise<ShapeVerification[]> {
    return this.#verifier.verify(signal);
  }

  /** Runs until `signal` aborts. Delivery does not wait for the replica, nor end with it. */
  async run(signal: AbortSignal): Promise<void> {
    this.#report(signal).catch(() => {});
    const run = linkedAbort(signal);
    const runners = [this.#delivery, this.#streams, this.#verifier];
    const parts = runners.map((runner) => runner.run(run.signal));
    try {
      await Promise.all(parts);
    } finally {
      run.abort();
      run.unlink();
      await Promise.allSettled(parts);
    }
  }

  async #post(batch: MutationBatch, signal: AbortSignal) {
    const url = new URL('/v1/mutations', this.#options.url).href;
    const outcome = await this.request({ method: 'POST', url, body: batch, signal });
    const answer = readBatchAnswer(batch, outcome, this.#options.environment.now());
    const isNext = this.#options.anonymous && answer.kind === 'refused' && answer.error.code === FOREIGN;
    return isNext ? { ...answer, kind: 'seq_used' as const } : answer;
  }

  /** Asks in the session's name, and says how the device is. */
  async request(request: Parameters<typeof requestAuthorized>[2]): Promise<AuthorizedOutcome> {
    const { http, session, board } = this.#options;
    const outcome = await (this.#reporter?.ask ?? requestAuthorized)(http, session, request);
    if (outcome.kind === 'refused') board.session(outcome.error);
    if (outcome.kind === 'answered' && outcome.status !== 401) board.session(undefined);
    return outcome;
  }

  async #report(signal: AbortSignal): Promise<void> {
    const part = await loadPart(() => import('./device-reporter.ts'));
    this.#reporter = new part.DeviceReporter(this.#options, this, signal);
  }

  /** The replica hears first: should the process die in between, the mutation is sent again and replayed. */
  async #settle(mutation: StoredMutation, result: MutationResult): Promise<void> {
    const { outbox, onOutbox, replica } = this.#options;
    const { id } = mutation;
    if (result.status === 'applied') {
      if (!replica.accepts()) replica.appliedBefore(mutation);
      await this.#showSettled((pending) => pending.settled(id));
      await outbox.settleApplied(id);
    } else {
      const { code = 'rejected', message = 'The server rejected it.', field } = result;
      await outbox.settleRejected(id, { code, message, ...(field === undefined ? {} : { field }) });
      await this.#showSettled((pending) => pending.remove(id));
    }
    await onOutbox();
  }

  /** A replica that hangs or fails holds up no delivery: it is made to fit the outbox when it is opened next. */
  #showSettled(show: (pending: PendingMutations) => Promise<string[]>): Promise<void> {
    return waitAtMost(this.#show(show), SHOW_LIMIT_MS, this.#options.environment.sleep);
  }

  async #show(show: (pending: PendingMutations) => Promise<string[]>): Promise<void> {
    const { replica: handle, onTables, onReplicaError } = this.#options;
    // Until the replica takes rows, its rebuild reads an outbox from which this has gone already, and hears of it.
    const replica = handle.accepts() ? await handle.opened : undefined;
    try {
      if (replica !== undefined) onTables(await show(replica.pending));
    } catch (error) {
      onReplicaError(error);
    }
  }
}
