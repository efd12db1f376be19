import type { StatusError } from '../api.ts';
import { REFUSED_RETRY_MS, retryDelayMs } from '../sync/backoff.ts';

/**
 * The delivery loop as a pure machine (invariant 1). It never decides that a mutation leaves the outbox: only
 * a result of the server does, one by one, before the event `answered` is raised.
 *
 * - `idle`: nothing to send;
 * - `sending`: one batch is under way; `again` remembers news that came meanwhile;
 * - `waiting`: the server could not be asked, or was busy; the timer runs;
 * - `refused`: it said no to the whole batch (a changed mutation, a foreign device, a dead session). Nothing
 *   leaves, the error is shown, and it is tried again now and then and when a person acts;
 * - `stopped`: for good.
 */
export type DeliveryState =
  | { readonly at: 'idle' }
  | {
      readonly at: 'sending';
      readonly failures: number;
      readonly again: boolean;
      readonly error?: StatusError;
    }
  | {
      readonly at: 'waiting';
      readonly failures: number;
      /** It was the server that asked for the delay. */
      readonly asked: boolean;
    }
  | { readonly at: 'refused'; readonly failures: number; readonly error: StatusError }
  | { readonly at: 'stopped' };

export type DeliveryEvent =
  /** A mutation has been appended, or the loop begins. */
  | { readonly event: 'wanted' }
  /** The network, or the app, has come back to the foreground. */
  | { readonly event: 'online' }
  /** The timer has run out. */
  | { readonly event: 'due' }
  /** Sending found nothing pending. */
  | { readonly event: 'nothing_pending' }
  /** The server has settled some; what it left out is sent again. `settled` may be 0 when it failed on the first. */
  | { readonly event: 'answered'; readonly settled: number }
  | { readonly event: 'unreachable'; readonly retryAfterMs: number }
  | { readonly event: 'refusal'; readonly error: StatusError }
  | { readonly event: 'stop' };

export type DeliveryCommand =
  | { readonly do: 'nothing' }
  /** Send the oldest pending mutations. */
  | { readonly do: 'send' }
  /** Raise `due` after this long. */
  | { readonly do: 'wait'; readonly ms: number };

export interface DeliveryStep {
  readonly state: DeliveryState;
  readonly command: DeliveryCommand;
}

type Handler<At, Name> = (
  state: Extract<DeliveryState, { at: At }>,
  event: Extract<DeliveryEvent, { event: Name }>,
  random: number,
) => DeliveryStep;
type Table = {
  readonly [At in DeliveryState['at']]: {
    readonly [Name in DeliveryEvent['event']]: Handler<At, Name>;
  };
};

const NOTHING: DeliveryCommand = { do: 'nothing' };
const keep = (state: DeliveryState): DeliveryStep => ({ state, command: NOTHING });
const stop = (): DeliveryStep => keep({ at: 'stopped' });
const send = (failures: number, error?: StatusError): DeliveryStep => ({
  state: { at: 'sending', failures, again: false, ...(error === undefined ? {} : { error }) },
  command: { do: 'send' },
});
const wait = (failures: number, random: number, retryAfterMs: number): DeliveryStep => ({
  state: { at: 'waiting', failures, asked: retryAfterMs > 0 },
  command: { do: 'wait', ms: retryDelayMs(failures, random, retryAfterMs) },
});

const TABLE: Table = {
  idle: {
    wanted: () => send(0),
    online: () => send(0),
    due: keep,
    nothing_pending: keep,
    answered: keep,
    unreachable: keep,
    refusal: keep,
    stop,
  },
  sending: {
    wanted: (state) => keep({ ...state, again: true }),
    // What is under way is given up if it stays silent: then it is not waited long for the next try.
    online: (state) => keep({ ...state, failures: 0, again: true }),
    due: keep,
    nothing_pending: (state) => (state.again ? send(0) : keep({ at: 'idle' })),
    answered: (state, { settled }, random) => (settled > 0 ? send(0) : wait(state.failures + 1, random, 0)),
    unreachable: (state, { retryAfterMs }, random) => wait(state.failures + 1, random, retryAfterMs),
    refusal: (state, { error }) => ({
      state: { at: 'refused', failures: state.failures + 1, error },
      command: { do: 'wait', ms: REFUSED_RETRY_MS },
    }),
    stop,
  },
  waiting: {
    // News does not shorten the wait: a server that is down is not asked once for each new report.
    wanted: keep,
    // Nor does the network that comes back, where the server itself has asked for the delay.
    online: (state) => (state.asked ? keep(state) : send(0)),
    due: (state) => send(state.failures),
    nothing_pending: keep,
    answered: keep,
    unreachable: keep,
    refusal: keep,
    stop,
  },
  refused: {
    wanted: (state) => send(state.failures, state.error),
    online: (state) => send(state.failures, state.error),
    due: (state) => send(state.failures, state.error),
    nothing_pending: keep,
    answered: keep,
    unreachable: keep,
    refusal: keep,
    stop,
  },
  stopped: {
    wanted: keep,
    online: keep,
    due: keep,
    nothing_pending: keep,
    answered: keep,
    unreachable: keep,
    refusal: keep,
    stop,
  },
};

/** The next state, and what the driver must do now. `random` is uniform in [0, 1). */
export function nextDelivery(state: DeliveryState, event: DeliveryEvent, random: number): DeliveryStep {
  // The table's type has checked each handler against its own state and event; the look-up cannot say so.
  const handler = TABLE[state.at][event.event] as Handler<string, string> as (
    state: DeliveryState,
    event: DeliveryEvent,
    random: number,
  ) => DeliveryStep;
  return handler(state, event, random);
}
