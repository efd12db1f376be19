import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { QueryConfig } from 'pg';
import type { Queryable } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { batchLookups } from './batch-lookups.ts';

/** How long an answer is trusted: revoking a session or disabling a user works within this time. */
const TRUSTED_MS = 5_000;
const MAX_SESSIONS = 20_000;
/**
 * Longest that a look-up may take. One whose connection was cut without a word would wait a quarter of an hour for
 * the network to give up, and with it everybody who waits for the look-up after it.
 */
const LOOK_UP_MS = 10_000;

/** What holds for a session now, whatever its token says. */
export interface SessionState {
  readonly live: boolean;
  readonly role: Role;
  /** Whether it is there no more, ended or not. */
  readonly isGone: boolean;
}

/** Looks sessions up. Fails with 503 `database_unavailable` when Postgres does not answer in time. */
export interface SessionCheck {
  /** As it was within the last few seconds. */
  state(sessionId: string): Promise<SessionState>;
  /** As it is at this moment or later; many who ask at once share a query. */
  stateNow(sessionId: string): Promise<SessionState>;
}

const UNKNOWN: SessionState = { live: false, role: 'reporter', isGone: true };

/** `now` is a monotonic clock in milliseconds. */
export function createSessionCheck(
  db: Queryable,
  now: () => number,
  lookUpMs: number = LOOK_UP_MS,
): SessionCheck {
  // Oldest first: a Map keeps the order of insertion, and an entry is put anew when it is read anew.
  const known = new Map<string, { readonly at: number; readonly state: Promise<SessionState> }>();
  const lookUp = batchLookups((ids) => readStates(db, ids, lookUpMs));
  const remember = (sessionId: string, state: Promise<SessionState>) => {
    known.delete(sessionId);
    known.set(sessionId, { at: now(), state });
    // A failed look-up is no answer: the next request asks again.
    state.catch(() => {
      if (known.get(sessionId)?.state === state) known.delete(sessionId);
    });
    if (known.size > MAX_SESSIONS) known.delete(known.keys().next().value!);
    return state;
  };
  return {
    state(sessionId) {
      const found = known.get(sessionId);
      if (found !== undefined && now() - found.at < TRUSTED_MS) return found.state;
      return remember(
        sessionId,
        readStates(db, [sessionId], lookUpMs).then((states) => states.get(sessionId) ?? UNKNOWN),
      );
    },
    stateNow(sessionId) {
      return remember(
        sessionId,
        lookUp(sessionId).then((state) => state ?? UNKNOWN),
      );
    },
  };
}

async function readStates(
  db: Queryable,
  sessionIds: readonly string[],
  withinMs: number,
): Promise<ReadonlyMap<string, SessionState>> {
  // The driver then gives the connection up as well.
  const query: QueryConfig & { readonly query_timeout: number } = {
    text: `SELECT s.id::text AS id, s.revoked_at IS NULL AND u.disabled_at IS NULL AS live, u.role::text AS role
             FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ANY($1::uuid[])`,
    values: [sessionIds],
    query_timeout: withinMs,
  };
  const { rows } = await answeredWithin(
    db.query<Omit<SessionState, 'isGone'> & { id: string }>(query),
    withinMs,
  );
  return new Map(rows.map(({ id, live, role }) => [id, { live, role, isGone: false }]));
}

async function answeredWithin<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = 'The database did not say in time whether the session holds.';
      reject(new HaloError('database_unavailable', message, { status: 503, hint: 'Try again soon.' }));
    }, ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
