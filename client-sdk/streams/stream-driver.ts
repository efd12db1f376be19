import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { ShapeSubscription } from '../api.ts';
import { messageOf } from '../errors.ts';
import { replicaFailure } from '../replica/replica-failure.ts';
import type { Environment } from '../sync/environment.ts';
import type { AuthorizedOutcome } from '../sync/session.ts';
import { readShapeAnswer } from './read-answer.ts';
import type { ShapeChunk } from './read-answer.ts';
import { shapeUrl } from './shape-request.ts';
import { ReplicaDiverged } from './shape-sink.ts';
import type { Contact, ResumePoint, ShapeSink } from './shape-sink.ts';
import { nextStream, startStream } from './stream-machine.ts';
import type { StreamCommand, StreamEvent, StreamMachine } from './stream-machine.ts';

/** Changes of one transaction that is spread over chunks are held up to this many characters, else read anew. */
const MAX_HELD_CHARS = 64 * 1024 * 1024;

/** What these say of the contact with the server. */
const CONTACT: Partial<Record<StreamEvent['event'], Contact>> = {
  unreachable: 'lost',
  broken: 'lost',
  not_stored: 'lost',
  // Until it has rows in sight again; a server that honours no position may never give it any.
  must_refetch: 'lost',
  refused: 'refused',
};

export interface StreamOptions {
  readonly url: string;
  readonly shape: ShapeSubscription;
  /** Instead of waiting for news on the line. */
  readonly lookEveryMs?: number | undefined;
  readonly session: string;
  readonly sink: ShapeSink;
  readonly environment: Pick<Environment, 'now' | 'random' | 'sleep'>;
  get(url: string, signal: AbortSignal): Promise<AuthorizedOutcome>;
  onState(machine: StreamMachine): void;
}

/** Follows one shape: the shell around `stream-machine.ts`. */
export class StreamDriver {
  readonly #options: StreamOptions;
  #machine: StreamMachine | undefined;
  /** Whole answers that end within a transaction wait here for its end. */
  #held: { changes: ChangeMessage[]; size: number } = { changes: [], size: 0 };
  /** Ends what is under way, and that it was a nudge that did. */
  #interrupt = new AbortController();
  /** The network has come back since the last request began. */
  #isFresh = false;
  /** Who wants the shape to be read anew, to be told when it is. */
  #refetchers: (() => void)[] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Asks at once when the stream is waiting, for news or for its next try; otherwise does nothing. */
  nudge(): void {
    const { at, phase, held } = this.#machine ?? {};
    if (at === 'waiting' ? held !== true : phase === 'live') this.#interrupt.abort();
  }

  /**
   * The network has come back: as a nudge. Failures from before count no more, so that what is under way and then found
   * to be dead is asked again at once.
   */
  resumed(): void {
    this.#isFresh = true;
    this.nudge();
  }

  /**
   * Has the shape read anew, as after a 409: the rows in sight stay until others can take their place. Resolves when
   * the stream has turned to that, or has ended.
   */
  refetch(): Promise<void> {
    if (this.#machine === undefined || this.#machine.phase === 'snapshot') return Promise.resolve();
    return new Promise((resolve) => {
      this.#refetchers.push(resolve);
      this.#interrupt.abort();
    });
  }

  /** Runs from where the sink resumes until `signal` aborts; never rejects. */
  async run(from: ResumePoint, signal: AbortSignal): Promise<void> {
    const { sink, environment, onState } = this.#options;
    let machine = startStream(from.phase, from.position);
    let command: StreamCommand = { do: 'request' };
    const onAbort = () => this.#interrupt.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      this.#machine = machine;
      onState(machine);
      for (const turned of this.#refetchers.splice(0)) turned();
      this.#interrupt = new AbortController();
      const event = await this.#perform(command, machine);
      const contact = CONTACT[event.event];
      if (contact !== undefined) sink.contact(contact);
      if (this.#isFresh) machine = { ...machine, failures: 0 };
      this.#isFresh = false;
      const isWanted = this.#refetchers.length > 0 && event.event !== 'must_refetch';
      ({ machine, command } = nextStream(machine, isWanted ? REFETCH : event, environment.random()));
    }
    signal.removeEventListener('abort', onAbort);
    this.#machine = undefined;
    for (const turned of this.#refetchers.splice(0)) turned();
  }

  async #perform(command: StreamCommand, machine: StreamMachine): Promise<StreamEvent> {
    switch (command.do) {
      case 'request':
        return (await this.#rest(machine)) ? { event: 'nudged' } : this.#request(machine);
      case 'wait':
        return { event: (await this.#sleep(command.ms)) ? 'nudged' : 'due' };
      case 'resume':
        return this.#resume();
    }
  }

  /** Waits in the place of a long poll, where it is to look now and then; false where it is not. */
  async #rest({ phase }: StreamMachine): Promise<boolean> {
    const { lookEveryMs, environment } = this.#options;
    if (lookEveryMs === undefined || phase !== 'live') return false;
    // Spread, so that devices that were started together do not all look at once.
    await this.#sleep(lookEveryMs * (0.75 + environment.random() / 2));
    return true;
  }

  /** Whether it was interrupted. */
  async #sleep(ms: number): Promise<boolean> {
    const { signal } = this.#interrupt;
    await this.#options.environment.sleep(ms, signal);
    return signal.aborted;
  }

  async #request(machine: StreamMachine): Promise<StreamEvent> {
    const { url, shape, session, environment, get, lookEveryMs } = this.#options;
    const { position, cursor, phase } = machine;
    const live = phase === 'live';
    // Who looks asks for the same place again and again, which a proxy might answer from what it has kept.
    const each = lookEveryMs === undefined ? undefined : environment.now().toString(36);
    const cacheBuster = machine.cacheBuster ?? each;
    const target = shapeUrl(url, shape, { position, live, cursor, session, cacheBuster });
    let answer: AuthorizedOutcome;
    try {
      answer = await get(target, this.#interrupt.signal);
    } catch (error) {
      // The device's own store, in which the session's tokens are kept.
      return { event: 'broken', error: { code: 'store_failed', message: messageOf(error) } };
    }
    const outcome = readShapeAnswer(position, answer, environment.now());
    switch (outcome.kind) {
      case 'aborted':
        return { event: 'nudged' };
      case 'must_refetch':
        return { event: 'must_refetch', handle: outcome.handle, error: outcome.error };
      case 'unreachable':
        return { event: 'unreachable', retryAfterMs: outcome.retryAfterMs, stalled: outcome.stalled };
      case 'broken':
        return { event: 'broken', error: outcome.error };
      case 'refused':
        return { event: 'refused', error: outcome.error };
      case 'chunk':
        return this.#store(machine, outcome.chunk);
    }
  }

  async #store(machine: StreamMachine, chunk: ShapeChunk): Promise<StreamEvent> {
    let { upToDate } = chunk;
    try {
      if (machine.phase === 'snapshot') upToDate = await this.#storeSnapshot(machine, chunk);
      else if (!(await this.#storeLog(chunk))) return REFETCH;
    } catch (error) {
      this.#held = { changes: [], size: 0 };
      if (error instanceof ReplicaDiverged) return REFETCH;
      return notStored(error);
    }
    this.#options.sink.contact('here');
    const { position, cursor, behindBytes } = chunk;
    return { event: 'chunk', position, cursor, upToDate, behindBytes };
  }

  async #resume(): Promise<StreamEvent> {
    try {
      return { event: 'resumed', ...(await this.#options.sink.resume()) };
    } catch (error) {
      return notStored(error);
    }
  }

  /** True when its rows are in sight. */
  async #storeSnapshot(machine: StreamMachine, chunk: ShapeChunk): Promise<boolean> {
    const { sink } = this.#options;
    this.#held = { changes: [], size: 0 };
    if (machine.position.offset === '-1') await sink.beginSnapshot();
    await sink.addToSnapshot(chunk.changes, chunk.position);
    return chunk.upToDate && (await sink.publishSnapshot(chunk.position, chunk.lsn));
  }

  /** False when a transaction is too large to be held until it is whole: a snapshot needs no memory for it. */
  async #storeLog(chunk: ShapeChunk): Promise<boolean> {
    for (const change of chunk.changes) this.#held.changes.push(change);
    this.#held.size += chunk.size;
    if (chunk.whole) {
      const { changes } = this.#held;
      this.#held = { changes: [], size: 0 };
      await this.#options.sink.apply(changes, chunk.position, chunk.lsn);
      return true;
    }
    return this.#held.size <= MAX_HELD_CHARS;
  }
}

const REFETCH: StreamEvent = { event: 'must_refetch', handle: undefined };

const notStored = (error: unknown): StreamEvent => ({
  event: 'not_stored',
  error: replicaFailure(error),
});
