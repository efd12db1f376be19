import type {
  HaloStatus,
  NetworkState,
  ShapeVerification,
  StatusError,
  StreamStatus,
  Unsubscribe,
} from '../api.ts';
import { replicaFailure } from '../replica/replica-failure.ts';
import { callListener } from './call-listener.ts';
import type { StreamMachine } from '../streams/stream-machine.ts';

/** Gathers what the parts know into one status, and tells who listens. */
export class StatusBoard {
  readonly #now: () => number;
  readonly #listeners = new Set<(status: HaloStatus) => void>();
  readonly #streams: Map<string, StreamStatus>;
  /** Streams that other tabs want of this one, which leads. */
  #others = new Map<string, StreamStatus>();
  #network: NetworkState = 'connecting';
  #replica: HaloStatus['replica'] = { state: 'opening' };
  #replicaTrouble: StatusError | undefined;
  #outbox: HaloStatus['outbox'] = { pending: 0, rejected: 0 };
  #lastContactAt: Date | undefined;
  #deliveryError: StatusError | undefined;
  #sessionError: StatusError | undefined;
  #current: HaloStatus;

  /** `shapes` are the ids of the streams to come. */
  constructor(shapes: readonly string[], now: () => number) {
    this.#now = now;
    this.#streams = new Map(shapes.map((shape) => [shape, connecting(shape)]));
    this.#current = this.#gather();
  }

  status(): HaloStatus {
    return this.#current;
  }

  onStatus(listener: (status: HaloStatus) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves once `reached` holds; rejects with what `signal` was aborted with. */
  until(reached: (status: HaloStatus) => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(signal.reason as Error);
      if (signal.aborted) return refuse();
      if (reached(this.#current)) return resolve();
      const off = this.onStatus((status) => {
        if (!reached(status)) return;
        off();
        signal.removeEventListener('abort', refuse);
        resolve();
      });
      signal.addEventListener('abort', refuse, { once: true });
    });
  }

  contact(): void {
    this.#lastContactAt = new Date(this.#now());
    this.network('online');
  }

  network(state: NetworkState): void {
    this.#network = state;
    this.#tell();
  }

  replica(replica: HaloStatus['replica']): void {
    this.#replica = replica;
    this.#tell();
  }

  /** The replica is open, and something asked of it failed: said, since nobody waits for an answer. */
  replicaFailed(code: string, message: string): void {
    if (this.#replica.state === 'ready') this.replica({ state: 'ready', error: { code, message } });
  }

  /** The same, with the code that belongs to what it threw. */
  replicaError(error: unknown): void {
    const { code, message } = replicaFailure(error);
    this.replicaFailed(code, message);
  }

  /** What it shows is not kept at present, and why; undefined when it is. Its taking changes says nothing about that. */
  replicaTrouble(trouble: StatusError | undefined): void {
    if (this.#replicaTrouble?.code === trouble?.code) return;
    this.#replicaTrouble = trouble;
    this.#tell();
  }

  /** It has taken a change: what was wrong with it is over. */
  replicaWorks(): void {
    const { state, error } = this.#replica;
    if (state === 'ready' && error !== undefined) this.replica({ state });
  }

  /** Entries may have come or gone; told also when the counts are the same after it, for there may be others now. */
  outbox(counts: HaloStatus['outbox']): void {
    this.#outbox = counts;
    this.#tell();
  }

  delivery(error: StatusError | undefined): void {
    if (this.#deliveryError === error) return;
    this.#deliveryError = error;
    this.#tell();
  }

  session(error: StatusError | undefined): void {
    if (this.#sessionError?.code === error?.code) return;
    this.#sessionError = error;
    this.#tell();
  }

  /** This tab leads from now on: of its streams it knows nothing but what the tab before said, which may have died since. */
  begins(): void {
    for (const [shape, { lastContactAt, verification }] of this.#streams)
      this.#streams.set(shape, { ...connecting(shape), lastContactAt, verification });
    this.#tell();
  }

  /** The streams that are run from now on, for other tabs too. */
  serves(shapes: readonly string[]): void {
    const others = shapes.filter((shape) => !this.#streams.has(shape));
    this.#others = new Map(others.map((shape) => [shape, this.#others.get(shape) ?? connecting(shape)]));
  }

  /** The status with the streams of other tabs. */
  ofAllTabs(): HaloStatus {
    return { ...this.#current, streams: [...this.#current.streams, ...this.#others.values()] };
  }

  stream(shape: string, machine: StreamMachine): void {
    const before = this.#streamOf(shape);
    const isContact = machine.failures === 0 && machine.shown !== 'connecting';
    const lastContactAt = isContact ? new Date(this.#now()) : before?.lastContactAt;
    const { offset } = machine.position;
    const streams = this.#streams.has(shape) ? this.#streams : this.#others;
    streams.set(shape, {
      shape,
      state: machine.shown,
      offset: offset === '-1' ? undefined : offset,
      behindBytes: machine.behindBytes,
      lastContactAt,
      error: machine.error,
      verification: before?.verification,
    });
    this.#tell();
  }

  /** A shape's rows have been compared with the server's. */
  verification(verification: ShapeVerification): void {
    const { shape } = verification;
    const before = this.#streamOf(shape);
    if (before === undefined) return;
    const streams = this.#streams.has(shape) ? this.#streams : this.#others;
    streams.set(shape, { ...before, verification });
    this.#tell();
  }

  /** Whether a shape is live, of this tab or of another. */
  isLive(shape: string): boolean {
    return this.#streamOf(shape)?.state === 'live';
  }

  /** Shows what the leading tab sees; replica and listeners are this tab's own. */
  mirror(status: HaloStatus): void {
    this.#network = status.network;
    this.#lastContactAt = status.lastContactAt;
    this.#deliveryError = status.error;
    this.#sessionError = undefined;
    for (const stream of status.streams) {
      if (this.#streams.has(stream.shape)) this.#streams.set(stream.shape, stream);
    }
    this.#tell();
  }

  #streamOf(shape: string): StreamStatus | undefined {
    return this.#streams.get(shape) ?? this.#others.get(shape);
  }

  #gather(): HaloStatus {
    return {
      network: this.#network,
      streams: [...this.#streams.values()],
      replica: this.#replicaWithTrouble(),
      outbox: this.#outbox,
      behindBytes: furthestBehind([...this.#streams.values()]),
      lastContactAt: this.#lastContactAt,
      error: this.#deliveryError ?? this.#sessionError,
    };
  }

  #replicaWithTrouble(): HaloStatus['replica'] {
    const { state, error } = this.#replica;
    if (state !== 'ready' || error !== undefined || this.#replicaTrouble === undefined) return this.#replica;
    return { state, error: this.#replicaTrouble };
  }

  #tell(): void {
    this.#current = this.#gather();
    for (const listener of this.#listeners) callListener(() => listener(this.#current));
  }
}

function connecting(shape: string): StreamStatus {
  return {
    shape,
    state: 'connecting',
    offset: undefined,
    behindBytes: undefined,
    lastContactAt: undefined,
    error: undefined,
    verification: undefined,
  };
}

function furthestBehind(streams: readonly StreamStatus[]): number | undefined {
  let most = 0;
  for (const { behindBytes } of streams) {
    if (behindBytes === undefined) return undefined;
    most = Math.max(most, behindBytes);
  }
  return most;
}
