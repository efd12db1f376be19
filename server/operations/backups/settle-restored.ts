import type pg from 'pg';
import { unmarkRestore } from '../../db/restore-mark.ts';
import type { Header } from './backup.ts';

/** A restore, as the restored database remembers it. */
export interface Restore {
  readonly id: string;
  /** Of the backup. */
  readonly name: string;
  readonly header: Header;
}

/**
 * Makes a restored database one of its own: whoever followed the former one must not go on in it, and what was under way when
 * it was seen has ended. With that it is whole.
 */
export async function settleRestored(client: pg.Client, { id, name, header }: Restore): Promise<void> {
  await client.query('BEGIN');
  await client.query('UPDATE replication_epoch SET epoch = gen_random_uuid(), started_at = now()');
  await client.query('INSERT INTO restores (id, backup, taken_at) VALUES ($1, $2, $3)', [
    id,
    name,
    header.takenAt,
  ]);
  // The run that took the backup is always seen under way: this proves that it went well.
  await client.query(
    `UPDATE job_runs SET state = 'succeeded', finished_at = now(), progress = 1, result = jsonb_build_object('backup', $2::text)
      WHERE id = $1 AND state = 'running'`,
    [header.runId, name],
  );
  await client.query(
    `UPDATE job_runs SET state = 'abandoned', finished_at = now(), error_code = 'run_abandoned',
       error = 'It was under way when the backup was taken that this database was restored from.'
      WHERE state = 'running'`,
  );
  // Places in another WAL, and instances that have followed it.
  await client.query(`UPDATE erasures SET lsn = '0/0'`);
  await client.query('DELETE FROM instances');
  await unmarkRestore(client);
  await client.query('COMMIT');
}
