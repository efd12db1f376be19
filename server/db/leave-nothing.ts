import type pg from 'pg';

/** A session from which Postgres has heard nothing for so long is that of a machine that is gone, in milliseconds. */
export const GONE_AFTER_MS = 60_000;

/**
 * Has Postgres end this session when nothing comes over it for so long, with the locks that it holds. A process that dies has its
 * connection closed by its machine; a machine that loses power closes nothing, and TCP's own probes begin after two hours. Said in
 * SQL rather than at the start of the session, so that a pooler passes it on; a session that is idle is ended whatever its network says.
 */
export async function leaveNothingBehind(
  client: pg.ClientBase,
  goneAfterMs: number = GONE_AFTER_MS,
): Promise<void> {
  await client.query(
    `SET idle_session_timeout = ${goneAfterMs}; SET idle_in_transaction_session_timeout = ${goneAfterMs}`,
  );
}
