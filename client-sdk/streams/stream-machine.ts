import type { StatusError, StreamState } from '../api.ts';
import { REFUSED_RETRY_MS, retryDelayMs, wrongAnswerDelayMs } from '../sync/backoff.ts';
import type { StreamPosition } from './shape-request.ts';

/**
 * What a stream is reading:
 *
 * - `snapshot`: all rows from the beginning, kept out of sight until the last has come;
 * - `catch_up`: the log behind a known position, without waiting;
 * - `live`: the log's end, waiting for news.
 */
export type StreamPhase = 'snapshot' | 'catch_up' | 'live';

export interface StreamMachine {
  readonly at: 'requesting' | 'waiting' | 'resuming';
  readonly phase: StreamPhase;
  readonly position: StreamPosition;
  /** The position may be past what the replica holds: it must be read there before the next request. */
  readonly unsure: boolean;
  readonly cursor: string | undefined;
  /** WAL that the server had read and this stream had not, at the last answer; undefined when it is not known. */
  readonly behindBytes: number | undefined;
  /** Tries in a row that brought nothing. */
  readonly failures: number;
  /** It waits because the server asked for that. */
  readonly held: boolean;
  /** Refusals of a position in a row, without the end of a snapshot between them. */
  readonly refetches: number;
  readonly cacheBuster: string | undefined;
  /** How it stands, as the status shows it. */
  readonly shown: StreamState;
  readonly error: StatusError | undefined;
}

export type StreamEvent =
  /** A chunk has been read, and stored where it was whole. */
  | {
      readonly event: 'chunk';
      readonly position: StreamPosition;
      readonly cursor: string | undefined;
      readonly upToDate: boolean;
      readonly behindBytes: number | undefined;
    }
  /** The position is not honoured, or the replica has been found to differ from the log. */
  | {
      readonly event: 'must_refetch';
      readonly handle: string | undefined;
      /** What is wrong with the answer that said so. */
      readonly error?: StatusError | undefined;
    }
  | { readonly event: 'unreachable'; readonly retryAfterMs: number; readonly stalled: boolean }
  /** A wrong answer. */
  | { readonly event: 'broken'; readonly error: StatusError }
  /** The replica could not store what was read, or not say where it stands; what was held of it is forgotten. */
  | { readonly event: 'not_stored'; readonly error: StatusError }
  /** Where the replica stands. */
  | { readonly event: 'resumed'; readonly phase: 'snapshot' | 'catch_up'; readonly position: StreamPosition }
  | { readonly event: 'refused'; readonly error: StatusError }
  /** Time to ask at once instead of waiting for news: a sibling is ahead, or the network has come back. */
  | { readonly event: 'nudged' }
  | { readonly event: 'due' };

/** What the driver must do now. */
export type StreamCommand =
  | { readonly do: 'request' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Ask the replica where it stands. */
  | { readonly do: 'resume' };

export interface StreamStep {
  readonly machine: StreamMachine;
  readonly command: StreamCommand;
}

/** A stream about to make its first request. */
export function startStream(phase: 'snapshot' | 'catch_up', position: StreamPosition): StreamMachine {
  return {
    at: 'requesting',
    phase,
    position,
    unsure: false,
    cursor: undefined,
    behindBytes: undefined,
    failures: 0,
    held: false,
    refetches: 0,
    cacheBuster: undefined,
    shown: 'connecting',
    error: undefined,
  };
}

/** The next state and the command. `random` is uniform in [0, 1); it also makes URLs differ after a fault. */
export function nextStream(machine: StreamMachine, event: StreamEvent, random: number): StreamStep {
  switch (event.event) {
    case 'nudged': {
      // The same place may have been asked for before, and a cache may keep for a minute that nothing was there.
      const cacheBuster = buster(machine, random);
      return goOn({ ...machine, phase: unlive(machine.phase), cacheBuster });
    }
    case 'due':
      return goOn(machine);
    case 'resumed': {
      const { phase, position } = event;
      return request({ ...machine, phase, position, unsure: false, cursor: undefined });
    }
    case 'chunk':
      return request(afterChunk(machine, event));
    case 'must_refetch':
      return refetch(machine, event, random);
    case 'unreachable': {
      const failures = machine.failures + 1;
      const shown = event.stalled ? 'stalled' : 'connecting';
      const ms = retryDelayMs(failures, random, event.retryAfterMs);
      const held = event.retryAfterMs > 0;
      return wait({ ...machine, failures, held, shown, error: undefined, phase: unlive(machine.phase) }, ms);
    }
    case 'broken':
    case 'not_stored': {
      const failures = machine.failures + 1;
      const unsure = machine.unsure || event.event === 'not_stored';
      const failed = { ...machine, failures, unsure, phase: unlive(machine.phase) };
      const next = { ...failed, cacheBuster: buster(failed, random) };
      const ms = (unsure ? retryDelayMs : wrongAnswerDelayMs)(failures, random);
      return wait({ ...next, shown: 'refused', error: event.error }, ms);
    }
    case 'refused': {
      const next = { ...machine, failures: machine.failures + 1, phase: unlive(machine.phase) };
      return wait({ ...next, shown: 'refused', error: event.error }, REFUSED_RETRY_MS);
    }
  }
}

function afterChunk(
  machine: StreamMachine,
  { position, cursor, upToDate, behindBytes }: Extract<StreamEvent, { event: 'chunk' }>,
): StreamMachine {
  const phase = upToDate ? 'live' : unlive(machine.phase);
  return {
    ...machine,
    phase,
    position,
    unsure: false,
    cursor: cursor ?? machine.cursor,
    behindBytes,
    failures: 0,
    refetches: upToDate ? 0 : machine.refetches,
    cacheBuster: undefined,
    shown: upToDate ? 'live' : 'behind',
    error: undefined,
  };
}

function refetch(
  machine: StreamMachine,
  { handle, error }: Extract<StreamEvent, { event: 'must_refetch' }>,
  random: number,
): StreamStep {
  const refetches = machine.refetches + 1;
  const refused = { ...machine, refetches };
  const next: StreamMachine = {
    ...refused,
    phase: 'snapshot',
    position: { handle, offset: '-1' },
    unsure: false,
    cursor: undefined,
    behindBytes: undefined,
    // Without a new handle the URL could be one that a cache has just answered.
    cacheBuster: handle === undefined || refetches > 1 ? buster(refused, random) : undefined,
    shown: 'behind',
    error,
  };
  return refetches === 1 ? request(next) : wait(next, wrongAnswerDelayMs(refetches - 1, random));
}

const goOn = (machine: StreamMachine): StreamStep =>
  machine.unsure ? { machine: { ...machine, at: 'resuming' }, command: { do: 'resume' } } : request(machine);
const request = (machine: StreamMachine): StreamStep => ({
  machine: { ...machine, at: 'requesting', held: false },
  command: { do: 'request' },
});
const wait = (machine: StreamMachine, ms: number): StreamStep => ({
  machine: { ...machine, at: 'waiting' },
  command: { do: 'wait', ms },
});
/** After a fault the end of the log is looked up again before waiting there, which also proves it is alive. */
const unlive = (phase: StreamPhase): StreamPhase => (phase === 'live' ? 'catch_up' : phase);
/** Unlike that of the tries before, whatever chance has it, and of other devices. */
const buster = ({ failures, refetches }: StreamMachine, random: number): string =>
  `${(failures + refetches).toString(36)}.${random.toString(36).slice(2, 12)}`;
