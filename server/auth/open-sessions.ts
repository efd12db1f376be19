import { HaloError } from '../platform/errors.ts';
import type { Caller, OpenSessions } from './identity.ts';
import type { SessionCheck, SessionState } from './session-check.ts';

/** How often the sessions of what is open are looked up, in milliseconds. */
const CHECK_EVERY_MS = 2_000;

interface OpenRead {
  readonly caller: Caller;
  readonly onChange: (now: Caller | HaloError) => void;
}

/**
 * Watches the sessions of requests that stay open. Whoever ends a session or disables a user does so in
 * Postgres, on any instance or by hand: asking there now and then needs no word from the writer.
 */
export function createOpenSessions(sessions: SessionCheck): OpenSessions {
  const open = new Set<OpenRead>();
  let timer: NodeJS.Timeout | undefined;
  let checking = false;

  async function check(read: OpenRead): Promise<void> {
    // A look-up that fails says nothing; the next one will, and `confirm` passes the failure on.
    const state = await sessions.stateNow(read.caller.sessionId).catch(() => undefined);
    if (state === undefined || !open.has(read)) return;
    if (!state.live) read.onChange(sessionRevoked());
    else if (state.role !== read.caller.role) read.onChange({ ...read.caller, role: state.role });
  }

  async function checkAll(): Promise<void> {
    if (checking) return;
    checking = true;
    try {
      await Promise.all([...open].map(check));
    } finally {
      checking = false;
    }
  }

  return {
    watch(caller, onChange) {
      const read = { caller, onChange };
      open.add(read);
      timer ??= setInterval(() => void checkAll(), CHECK_EVERY_MS);
      return () => {
        open.delete(read);
        if (open.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    confirm: async (caller) => callerNow(caller, await sessions.stateNow(caller.sessionId)),
  };
}

/** The caller with his present role. Throws 401 `session_revoked` when the session does not hold any more. */
export function callerNow(caller: Caller, { live, role }: SessionState): Caller {
  if (!live) throw sessionRevoked();
  return { ...caller, role };
}

function sessionRevoked(): HaloError {
  return new HaloError('session_revoked', 'This session has been ended.', {
    status: 401,
    hint: 'Log in again.',
  });
}
