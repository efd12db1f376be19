import type pg from 'pg';

/** As long as auth remembers those that it ends. */
const REMEMBERED_DAYS = 60;

/**
 * Ends what lets anybody in: sessions, what renews them, tokens of integrations, invitations and resets. After a restore those
 * that were revoked since the backup would be valid again. Sessions of another issuer are kept as ended ones: without its row
 * the next token of one would begin it anew.
 */
export async function endSessions(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  for (const table of ['refresh_tokens', 'service_tokens', 'invitations', 'password_resets'])
    await client.query(`DELETE FROM ${table}`);
  await client.query('DELETE FROM sessions WHERE external_key IS NULL');
  await client.query(
    `UPDATE sessions SET revoked_at = COALESCE(revoked_at, now()), revoked_reason = COALESCE(revoked_reason, 'revoked'),
       expires_at = GREATEST(expires_at, now() + make_interval(days => $1))`,
    [REMEMBERED_DAYS],
  );
  await client.query('COMMIT');
}
