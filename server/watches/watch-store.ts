import type { WatchSetArgs } from '@halo/shapes/mutations/watch-set.ts';
import type { Transaction } from '../db/pool.ts';

/** What a watch is made of. */
export type WatchedPlace = Omit<WatchSetArgs, 'watchId'>;

/** How many places a person watches; his row is locked, so that no two devices add the last one. */
export async function countWatches(tx: Transaction, userId: string): Promise<number> {
  await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  const { rows } = await tx.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM watches WHERE user_id = $1',
    [userId],
  );
  return rows[0]?.n ?? 0;
}

/** Adds a watch; false when another one has this id. */
export async function insertWatch(
  tx: Transaction,
  id: string,
  userId: string,
  { name, lat, lon, radiusM, threshold }: WatchedPlace,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (id) DO NOTHING`,
    [id, userId, name, lat, lon, radiusM, threshold],
  );
  return rowCount === 1;
}

/** Changes an own watch; false when there is none. */
export async function updateWatch(
  tx: Transaction,
  id: string,
  userId: string,
  { name, lat, lon, radiusM, threshold }: WatchedPlace,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE watches SET name = $3, lat = $4, lon = $5, radius_m = $6, threshold = $7, updated_at = now()
     WHERE id = $1 AND user_id = $2`,
    [id, userId, name, lat, lon, radiusM, threshold],
  );
  return rowCount === 1;
}

/** Removes an own watch; false when there is none. */
export async function deleteWatch(tx: Transaction, id: string, userId: string): Promise<boolean> {
  const { rowCount } = await tx.query('DELETE FROM watches WHERE id = $1 AND user_id = $2', [id, userId]);
  return rowCount === 1;
}
