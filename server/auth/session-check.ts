import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Queryable } from '../db/pool.ts';

/** How long an answer is trusted: revoking a session or disabling a user works within this time. */
const TRUSTED_MS = 5_000;
const MAX_SESSIONS = 20_000;

/** What holds for a session now, whatever its token says. */
export interface SessionState {
  readonly live: boolean;
  readonly role: Role;
}

/** Looks sessions up, and remembers the answers for a few seconds. */
export interface SessionCheck {
  state(sessionId: string): Promise<SessionState>;
}

/** `now` is a monotonic clock in milliseconds. */
export function createSessionCheck(db: Queryable, now: () => number): SessionCheck {
  // Oldest first: a Map keeps the order of insertion, and an entry is put anew when it is read anew.
  const known = new Map<string, { readonly at: number; readonly state: Promise<SessionState> }>();
  return {
    state(sessionId) {
      const found = known.get(sessionId);
      if (found !== undefined && now() - found.at < TRUSTED_MS) return found.state;
      const state = readState(db, sessionId);
      known.delete(sessionId);
      known.set(sessionId, { at: now(), state });
      // A failed look-up is no answer: the next request asks again.
      state.catch(() => known.delete(sessionId));
      if (known.size > MAX_SESSIONS) known.delete(known.keys().next().value!);
      return state;
    },
  };
}

async function readState(db: Queryable, sessionId: string): Promise<SessionState> {
  const { rows } = await db.query<SessionState>(
    `SELECT s.revoked_at IS NULL AND u.disabled_at IS NULL AS live, u.role::text AS role
       FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`,
    [sessionId],
  );
  return rows[0] ?? { live: false, role: 'reporter' };
}
