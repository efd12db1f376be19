import type { Caller, OpenSessions } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';

/** The longest delay that a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

export interface ReadSignalOptions {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly openSessions: OpenSessions;
  /** Aborts when the reader goes away. */
  readonly left: AbortSignal;
  /** Throws when a caller, with a role that is new by now, may not have what is being read. */
  readonly permit: (caller: Caller) => void;
}

export interface ReadSignal {
  /**
   * Ends the read when the reader goes away, his token runs out (`token_expired`, 401: he resumes at the same
   * offset with a new token), his session is ended (`session_revoked`, 401) or his role does not allow it any more.
   */
  readonly signal: AbortSignal;
  /** The same without the reader's leaving, for the answer's body: its stream is cancelled then anyway. */
  readonly over: AbortSignal;
  /** To be called when the body was released. */
  readonly done: () => void;
}

/** Watches over one read for as long as anything of it is open. */
export function readSignal(options: ReadSignalOptions): ReadSignal {
  const { caller, clock, openSessions, left, permit } = options;
  const over = new AbortController();
  // By hand: `AbortSignal.any` costs more than all else of a live answer.
  const signal = new AbortController();
  const leave = () => signal.abort(left.reason);
  const end = (reason: unknown) => {
    over.abort(reason);
    signal.abort(reason);
  };
  if (left.aborted) leave();
  else left.addEventListener('abort', leave, { once: true });
  const expire = () => end(tokenExpired());
  const remainingMs = caller.expiresAt.getTime() - clock.now().getTime();
  if (remainingMs <= 0) expire();
  const timer = setTimeout(expire, Math.min(Math.max(remainingMs, 0), MAX_TIMER_MS));
  const unwatch = openSessions.watch(caller, (now) => {
    try {
      if (now instanceof HaloError) throw now;
      permit(now);
    } catch (error) {
      end(error);
    }
  });
  let isDone = false;
  const done = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    unwatch();
    left.removeEventListener('abort', leave);
  };
  return { signal: signal.signal, over: over.signal, done };
}

function tokenExpired(): HaloError {
  return new HaloError('token_expired', 'The access token has expired.', {
    status: 401,
    hint: 'Refresh the token and ask again with the same offset.',
  });
}
