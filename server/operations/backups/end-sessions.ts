import type pg from 'pg';

/**
 * Ends what lets anybody in: sessions, what renews them, tokens of integrations, invitations and resets. After a restore those
 * that were revoked since the backup would be valid again.
 */
export async function endSessions(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  for (const table of ['refresh_tokens', 'service_tokens', 'sessions', 'invitations', 'password_resets'])
    await client.query(`DELETE FROM ${table}`);
  await client.query('COMMIT');
}
