import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { StatusError } from '../api.ts';
import { newIdentity } from '../sync/device-identity.ts';
import type { DeviceIdentity } from '../sync/device-identity.ts';
import type { Environment } from '../sync/environment.ts';
import { FULL_BATCH, takeBatch } from './batch.ts';
import type { BatchBounds } from './batch.ts';
import { nextDelivery } from './delivery.ts';
import type { DeliveryEvent, DeliveryState } from './delivery.ts';
import type { OutboxStore, StoredMutation } from './outbox-store.ts';
import type { BatchOutcome } from './post-batch.ts';
import { storeFailure } from './store-failure.ts';

export interface DeliveryOptions {
  readonly outbox: Pick<OutboxStore, 'pending'>;
  readonly environment: Pick<Environment, 'random' | 'sleep'>;
  readonly identity: { load(): Promise<DeviceIdentity>; save(identity: DeviceIdentity): Promise<void> };
  post(batch: MutationBatch, signal: AbortSignal): Promise<BatchOutcome>;
  /** Takes the result into outbox and replica; durable when it resolves. */
  settle(mutation: StoredMutation, result: MutationResult): Promise<void>;
  /** Hears of each new state; `error` is what a person must know, if anything. */
  onState(state: DeliveryState, error: StatusError | undefined): void;
}

/** Sends the outbox: the shell around the machine of `delivery.ts`. */
export class DeliveryDriver {
  readonly #options: DeliveryOptions;
  #state: DeliveryState = { at: 'idle' };
  #bounds: BatchBounds = FULL_BATCH;
  #events: DeliveryEvent[] = [];
  #isRunning = false;
  #wake: () => void = () => {};
  #timer = new AbortController();
  /** The device has been made a new one, under which nothing has been settled yet. */
  #isNewDevice = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** A mutation has been appended. */
  wanted(): void {
    this.#tell({ event: 'wanted' });
  }

  /** The network has come back, as far as the platform can tell. */
  online(): void {
    this.#tell({ event: 'online' });
  }

  /**
   * Runs until `signal` aborts; a request under way is aborted, which settles nothing. May be run again after
   * that; what had failed or was waited for in the run before is forgotten.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#forgetLastRun();
    this.#isRunning = true;
    const onAbort = () => this.#raise({ event: 'stop' });
    signal.addEventListener('abort', onAbort, { once: true });
    const working = new Set<Promise<void>>();
    const work = (promise: Promise<void>) => {
      working.add(promise);
      void promise.finally(() => working.delete(promise));
    };
    this.#raise(signal.aborted ? { event: 'stop' } : { event: 'wanted' });
    while (this.#state.at !== 'stopped') {
      const event = this.#events.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const step = nextDelivery(this.#state, event, this.#options.environment.random());
      this.#enter(step.state);
      if (step.command.do === 'send') {
        this.#timer.abort();
        work(this.#send(signal).then((outcome) => this.#raise(outcome)));
      }
      if (step.command.do === 'wait') work(this.#wait(step.command.ms));
    }
    this.#isRunning = false;
    this.#timer.abort();
    signal.removeEventListener('abort', onAbort);
    await Promise.all(working);
  }

  #forgetLastRun(): void {
    this.#state = { at: 'idle' };
    this.#events = [];
  }

  /** A client that does not deliver must not gather what it is told: when it begins to, it looks by itself. */
  #tell(event: DeliveryEvent): void {
    if (this.#isRunning) this.#raise(event);
  }

  #raise(event: DeliveryEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  #enter(state: DeliveryState): void {
    if (state === this.#state) return;
    this.#state = state;
    const error = state.at === 'refused' || state.at === 'sending' ? state.error : undefined;
    this.#options.onState(state, error);
  }

  /** The server takes mutations again: said before they settle, so that nobody sees both. */
  #forgetError(): void {
    if (this.#state.at !== 'sending') return;
    const { at, failures, again } = this.#state;
    this.#enter({ at, failures, again });
  }

  async #wait(ms: number): Promise<void> {
    this.#timer.abort();
    const timer = new AbortController();
    this.#timer = timer;
    await this.#options.environment.sleep(ms, timer.signal);
    if (!timer.signal.aborted) this.#raise({ event: 'due' });
  }

  async #send(signal: AbortSignal): Promise<DeliveryEvent> {
    try {
      const { outbox, identity, post } = this.#options;
      const [pending, device] = [await outbox.pending(this.#bounds.mutations), await identity.load()];
      if (pending.length === 0) return { event: 'nothing_pending' };
      const batch = takeBatch(pending, device, this.#bounds);
      const outcome = await post(batch, signal);
      return await this.#take(outcome, pending, device);
    } catch (error) {
      // The device's own store has failed: a person must know, and nothing may be sent past it.
      const { code, message } = storeFailure(error);
      return { event: 'refusal', error: { code, message } };
    }
  }

  async #take(
    outcome: BatchOutcome,
    pending: readonly StoredMutation[],
    device: DeviceIdentity,
  ): Promise<DeliveryEvent> {
    switch (outcome.kind) {
      case 'results':
        this.#bounds = FULL_BATCH;
        this.#isNewDevice = false;
        this.#forgetError();
        await this.#settleAll(outcome.results, pending);
        return { event: 'answered', settled: outcome.results.length };
      case 'seq_gap':
        return this.#renumber(outcome.expectedSeq, pending[0]!, device);
      case 'seq_used':
        return this.#becomeNewDevice(pending[0]!, outcome.error);
      case 'too_large':
        return this.#shrink();
      case 'unreachable':
        return { event: 'unreachable', retryAfterMs: outcome.retryAfterMs };
      case 'refused':
        return { event: 'refusal', error: outcome.error };
    }
  }

  /** All at once, so that they share what making them durable costs. Fails when one did, after all have ended. */
  async #settleAll(results: readonly MutationResult[], pending: readonly StoredMutation[]): Promise<void> {
    const settling = results.map((result, index) => this.#options.settle(pending[index]!, result));
    const failed = (await Promise.allSettled(settling)).find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /**
   * The server expects a lower `seq` than the oldest one pending: it has lost settled mutations (a backup was
   * restored). Those have left this device for good, but what is pending must not be stuck behind them: it is
   * counted from where the server stands. Ids stay, so that no mutation can take effect twice. A higher one
   * cannot be: the server would have given its stored answers again.
   */
  async #renumber(expected: number, oldest: StoredMutation, device: DeviceIdentity): Promise<DeliveryEvent> {
    const sent = oldest.seq - device.seqBase;
    if (expected >= sent) {
      const message = `The server expects number ${expected} from this device and refuses number ${sent}.`;
      return { event: 'refusal', error: { code: 'seq_gap', message } };
    }
    await this.#options.identity.save({ ...device, seqBase: oldest.seq - expected });
    return { event: 'unreachable', retryAfterMs: 0 };
  }

  /**
   * The server has settled something else under a number that is pending here: this device has lost count (its
   * store was put back from a backup, or copied). Or it was
   * another person's, who had no account and whose session is over. What is pending is sent under a new name, in its order. Ids
   * stay, so what the server has settled under the old name gets its stored answer, and nothing a second
   * effect. Where a new name does not help, a person must know.
   */
  async #becomeNewDevice(oldest: StoredMutation, error: StatusError): Promise<DeliveryEvent> {
    if (this.#isNewDevice) return { event: 'refusal', error };
    await this.#options.identity.save(newIdentity(oldest.seq - 1));
    this.#isNewDevice = true;
    return { event: 'unreachable', retryAfterMs: 0 };
  }

  #shrink(): DeliveryEvent {
    if (this.#bounds.mutations === 1) {
      const message = 'The server refuses even a single mutation as too large.';
      return { event: 'refusal', error: { code: 'payload_too_large', message } };
    }
    const { mutations, bytes } = this.#bounds;
    this.#bounds = { mutations: Math.ceil(mutations / 2), bytes: Math.ceil(bytes / 2) };
    return { event: 'unreachable', retryAfterMs: 0 };
  }
}
