import type { Pool, Queryable } from '../../db/pool.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';
import type { AlertRecord, Scope } from './alert.ts';

/** Cleared ones of which something is still to be told, the oldest first; the rest at later looks. */
const MAX_WAITING = 500;
/** Cleared ones are kept so long. */
const KEPT_DAYS = 90;

const COLUMNS = `id, name, subject, instance, what, since, raised_at AS "raisedAt", tell_from AS "tellFrom",
  told_at AS "toldAt", cleared_at AS "clearedAt", clear_told_at AS "clearToldAt"`;

/**
 * What the next look needs, of one instance, or of what any can see: all that are open; of those that were cleared within a day the
 * ones of which something is still to be told, and what was last told of each subject. However often one came and went, the rest
 * says nothing new, and must not displace the open ones: they would be raised again.
 */
export async function loadAlerts(db: Queryable, scope: Scope, instance: string): Promise<AlertRecord[]> {
  const { rows } = await db.query<AlertRecord>(
    `WITH lately AS MATERIALIZED (
       SELECT id, name, subject, raised_at, tell_from, told_at, cleared_at, clear_told_at FROM alerts
       WHERE scope = $1 AND ($1 = 'shared' OR instance = $2) AND (cleared_at IS NULL OR cleared_at > now() - interval '1 day')),
     needed AS (
       SELECT id FROM lately WHERE cleared_at IS NULL
       UNION (SELECT DISTINCT ON (name, subject) id FROM lately WHERE told_at IS NOT NULL ORDER BY name, subject, told_at DESC)
       UNION (SELECT id FROM lately
              WHERE cleared_at IS NOT NULL AND CASE WHEN told_at IS NULL THEN cleared_at >= tell_from ELSE clear_told_at IS NULL END
              ORDER BY raised_at LIMIT ${MAX_WAITING}))
     SELECT ${COLUMNS} FROM alerts JOIN needed USING (id) ORDER BY raised_at, id`,
    [scope, instance],
  );
  return rows;
}

/** Writes down what has changed, all of it or nothing. */
export async function saveAlerts(pool: Pool, scope: Scope, records: readonly AlertRecord[]): Promise<void> {
  if (records.length === 0) return;
  await inTransaction(pool, async (tx) => {
    for (const record of records) {
      await tx.query(
        `INSERT INTO alerts (id, name, subject, scope, instance, what, since, raised_at, tell_from, told_at, cleared_at, clear_told_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (id) DO UPDATE SET what = EXCLUDED.what, told_at = EXCLUDED.told_at, cleared_at = EXCLUDED.cleared_at,
           clear_told_at = EXCLUDED.clear_told_at, checked_at = now()`,
        [
          record.id,
          record.name,
          record.subject,
          scope,
          record.instance,
          record.what,
          record.since,
          record.raisedAt,
          record.tellFrom,
          record.toldAt,
          record.clearedAt,
          record.clearToldAt,
        ],
      );
    }
  });
}

/** Says that an instance still looks at its open alerts. */
export async function touchAlerts(db: Queryable, instance: string): Promise<void> {
  await db.query(
    `UPDATE alerts SET checked_at = now() WHERE scope = 'instance' AND instance = $1 AND cleared_at IS NULL`,
    [instance],
  );
}

/**
 * Takes over the alerts of instances that are gone: nobody sees any more how they fare, so they are cleared, and told
 * by whoever tells what is shared. Forgets what was cleared long ago.
 */
export async function tidyAlerts(db: Queryable, goneAfterMs: number): Promise<void> {
  await db.query(
    `UPDATE alerts SET scope = 'shared', cleared_at = coalesce(cleared_at, now())
     WHERE scope = 'instance' AND checked_at < now() - make_interval(secs => $1)
       AND (cleared_at IS NULL OR (clear_told_at IS NULL AND told_at IS NOT NULL))`,
    [goneAfterMs / 1000],
  );
  await db.query(`DELETE FROM alerts WHERE cleared_at < now() - interval '${KEPT_DAYS} days'`);
}

/** Alerts that come after a position, the newest first. */
export async function listAlerts(
  db: Queryable,
  { state }: { readonly state: 'open' | 'cleared' | undefined },
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: AlertRecord; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<AlertRecord & { micros: number }>(
    `SELECT ${COLUMNS}, ${microsOf('raised_at')} AS micros FROM alerts
     WHERE ($1::text IS NULL OR (cleared_at IS NULL) = ($1 = 'open'))
       AND ($2::float8 IS NULL OR ${comesAfter('raised_at', 'id', '$2', '$3')})
     ORDER BY raised_at DESC, id DESC LIMIT $4`,
    [state ?? null, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, ...item }) => ({ item, position: { micros, id: item.id } }));
}
