import type pg from 'pg';

/** Makes a restored database one of another house: it keeps its backups by itself, and never removes one of the first's. */
export async function moveOut(client: pg.Client): Promise<void> {
  await client.query('UPDATE house SET id = gen_random_uuid()');
  // They are done here, and no backup of the new house is older than they are.
  await client.query('DELETE FROM removals');
}
