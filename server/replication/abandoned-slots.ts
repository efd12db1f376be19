import pg from 'pg';
import type { Queryable } from '../db/pool.ts';
import type { Job } from '../jobs/job.ts';
import type { Logger } from '../platform/logger.ts';

/**
 * An instance that was away for longer finds its slot gone and begins its log anew: its devices fetch their
 * shapes again once. That is cheaper than more than a week's WAL on the disk of the database; shorter, and a
 * long weekend would cost it.
 */
const ABANDONED_AFTER_DAYS = 7;
const HOURLY = '23 * * * *';
const OBJECT_IN_USE = '55006';
const UNDEFINED_OBJECT = '42704';

/** Drops, each hour, the replication slots of instances that do not come back. */
export function createAbandonedSlotsJob(db: Queryable, ownSlot: string, logger: Logger): Job {
  const log = logger.child({ component: 'replication' });
  return {
    name: 'abandoned-slots',
    schedule: HOURLY,
    async run(signal) {
      await beginTheirTime(db);
      for (const { slotName, host, lastSeenAt } of await abandonedSlots(db, ownSlot)) {
        if (signal.aborted) return;
        if (await dropIdle(db, slotName))
          log.warn({ slotName, host, lastSeenAt }, 'the slot of an instance that is gone was dropped');
      }
      await forgetInstances(db);
    },
  };
}

/** A slot of an instance from before the table of instances counts as seen now. */
async function beginTheirTime(db: Queryable): Promise<void> {
  await db.query(
    `INSERT INTO instances (slot_name)
     SELECT slot_name FROM pg_replication_slots
      WHERE database = current_database() AND slot_name ~ '^halo_[0-9a-f]{12}$' AND NOT temporary
         ON CONFLICT (slot_name) DO NOTHING`,
  );
}

interface AbandonedSlot {
  readonly slotName: string;
  readonly host: string | null;
  readonly lastSeenAt: Date;
}

async function abandonedSlots(db: Queryable, ownSlot: string): Promise<AbandonedSlot[]> {
  const { rows } = await db.query<AbandonedSlot>(
    `SELECT i.slot_name AS "slotName", i.host, i.last_seen_at AS "lastSeenAt"
       FROM instances i JOIN pg_replication_slots s ON s.slot_name = i.slot_name
      WHERE s.database = current_database() AND NOT s.active AND i.slot_name <> $1
        AND i.last_seen_at < now() - make_interval(days => $2)
      ORDER BY i.slot_name`,
    [ownSlot, ABANDONED_AFTER_DAYS],
  );
  return rows;
}

/** False when its instance has come back at this moment, or another has dropped it: Postgres itself refuses both. */
async function dropIdle(db: Queryable, slotName: string): Promise<boolean> {
  try {
    await db.query('SELECT pg_drop_replication_slot($1)', [slotName]);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && [OBJECT_IN_USE, UNDEFINED_OBJECT].includes(error.code ?? ''))
      return false;
    throw error;
  }
}

/** Removes the rows of instances whose slots are gone; one that comes back makes its own again. */
async function forgetInstances(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM instances i
      WHERE i.last_seen_at < now() - make_interval(days => $1)
        AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.slot_name = i.slot_name)`,
    [ABANDONED_AFTER_DAYS],
  );
}
