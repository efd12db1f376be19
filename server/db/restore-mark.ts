import type pg from 'pg';
import { HaloError } from '../platform/errors.ts';

/**
 * A table that is in a database for as long as it is being restored, and stays where that did not end. Rows come in many transactions: without
 * it a part would pass for the whole.
 */
export const RESTORE_MARK = 'halo_restore_under_way';

type Asked = Pick<pg.ClientBase, 'query'>;

/** Marks an empty database as one that is being restored. */
export async function markRestore(client: Asked): Promise<void> {
  await client.query(`CREATE TABLE public.${RESTORE_MARK} (begun_at timestamptz NOT NULL DEFAULT now())`);
  await client.query(`INSERT INTO public.${RESTORE_MARK} DEFAULT VALUES`);
}

/** Says that it is whole, as part of the caller's transaction. */
export async function unmarkRestore(client: Asked): Promise<void> {
  await client.query(`DROP TABLE public.${RESTORE_MARK}`);
}

/** Fails with `restore_unfinished` where a database holds a part of a backup. */
export async function refuseHalfRestored(client: Asked): Promise<void> {
  const { rows } = await client.query<{ marked: boolean }>(
    `SELECT to_regclass('public.${RESTORE_MARK}') IS NOT NULL AS marked`,
  );
  if (rows[0]?.marked !== true) return;
  throw new HaloError(
    'restore_unfinished',
    'A backup is being restored into this database, or was and it did not end: it holds a part.',
    {
      field: 'DATABASE_URL',
      hint: 'Wait until npm run restore has ended; where it has failed, drop the database, make it again, and give the command again.',
    },
  );
}
