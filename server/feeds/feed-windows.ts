import type { Transaction } from '../db/pool.ts';
import type { KnownWindow } from './feed.ts';

/** The last window that was applied; undefined before the first. */
export async function readKnownWindow(tx: Transaction, feed: string): Promise<KnownWindow | undefined> {
  const { rows } = await tx.query<{ source_ids: string[]; type_count: number; seen_at: Date }>(
    'SELECT source_ids, type_count, seen_at FROM feed_windows WHERE feed = $1',
    [feed],
  );
  const row = rows[0];
  return row && { sourceIds: row.source_ids, typeCount: row.type_count, seenAt: row.seen_at };
}

/** Keeps a window as the one that the next is judged against. */
export async function writeKnownWindow(tx: Transaction, feed: string, window: KnownWindow): Promise<void> {
  await tx.query(
    `INSERT INTO feed_windows (feed, source_ids, type_count, seen_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (feed) DO UPDATE SET source_ids = EXCLUDED.source_ids, type_count = EXCLUDED.type_count,
       seen_at = EXCLUDED.seen_at`,
    [feed, window.sourceIds, window.typeCount, window.seenAt],
  );
}
