import type { ReplicaDatabase } from '../replica-database.ts';
import type { PendingMutations } from './pending-mutations.ts';

/** No server is behind its own database for so long: what it does not tell of by then, it has forgotten. */
const FORGOTTEN_AFTER_MS = 600_000;
const KEY = 'untold';

/**
 * Lets go of mutations that the server has answered as applied and does not tell of, though its results are here: it has
 * been put back to a moment before them. To be called when the results were found to be the server's; one that was missing then and
 * at a call of ten minutes later is gone. Resolves with the shapes that show other rows now.
 */
export async function forgetUntold(
  database: ReplicaDatabase,
  pending: Pick<PendingMutations, 'remove'>,
  nowMs: number,
): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'SELECT id::text FROM local.pending WHERE settled AND told IS NULL',
  );
  const before = await loadMissing(database);
  const missing: Record<string, number> = {};
  const shapes: string[] = [];
  for (const { id } of rows) {
    const sinceMs = before[id] ?? nowMs;
    if (nowMs - sinceMs < FORGOTTEN_AFTER_MS) missing[id] = sinceMs;
    else shapes.push(...(await pending.remove(id)));
  }
  if (rows.length > 0 || Object.keys(before).length > 0) await saveMissing(database, missing);
  return shapes;
}

/** Since when each has been missed, in milliseconds since 1970. */
async function loadMissing(database: ReplicaDatabase): Promise<Readonly<Record<string, number>>> {
  const { rows } = await database.query<{ value: string }>('SELECT value FROM local.meta WHERE key = $1', [
    KEY,
  ]);
  try {
    return JSON.parse(rows[0]?.value ?? '{}') as Record<string, number>;
  } catch {
    return {};
  }
}

async function saveMissing(
  database: ReplicaDatabase,
  missing: Readonly<Record<string, number>>,
): Promise<void> {
  await database.query(
    'INSERT INTO local.meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value',
    [KEY, JSON.stringify(missing)],
  );
}
