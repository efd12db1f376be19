import type { Queryable } from '../db/pool.ts';
import { parseLsn } from './lsn.ts';

/** What happened to the slot at this start. */
export interface PreparedSlot {
  /** Postgres sends everything that was committed after this LSN. */
  readonly confirmed: bigint;
  /** Why a new slot was made, if one was. */
  readonly made: 'missing' | 'lost' | undefined;
}

interface SlotRow {
  /** Whether it was made for this database. */
  readonly here: boolean;
  readonly confirmed_flush_lsn: string | null;
  readonly wal_status: string | null;
  readonly active_pid: number | null;
}

/**
 * Finds the permanent slot of this instance or makes it. A slot whose WAL Postgres has thrown away is dropped
 * and made anew, and so is one that was made for another database. The slot's name belongs to this instance alone, so a connection that still holds it is one
 * that a killed process left behind, and is ended.
 */
export async function prepareSlot(db: Queryable, slotName: string): Promise<PreparedSlot> {
  const { rows } = await db.query<SlotRow>(
    `SELECT database IS NOT DISTINCT FROM current_database() AND plugin = 'pgoutput' AS here,
            confirmed_flush_lsn::text, wal_status, active_pid
       FROM pg_replication_slots WHERE slot_name = $1`,
    [slotName],
  );
  const slot = rows[0];
  if (slot === undefined) return { confirmed: await makeSlot(db, slotName), made: 'missing' };
  if (slot.active_pid !== null) await endHolder(db, slotName);
  if (slot.here && slot.wal_status !== 'lost' && slot.confirmed_flush_lsn !== null) {
    return { confirmed: parseLsn(slot.confirmed_flush_lsn), made: undefined };
  }
  await db.query('SELECT pg_drop_replication_slot($1)', [slotName]);
  return { confirmed: await makeSlot(db, slotName), made: 'lost' };
}

async function makeSlot(db: Queryable, slotName: string): Promise<bigint> {
  const { rows } = await db.query<{ lsn: string }>(
    `SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput')`,
    [slotName],
  );
  return parseLsn(rows[0]!.lsn);
}

const HOLDER_CHECKS = 100;

async function endHolder(db: Queryable, slotName: string): Promise<void> {
  for (let check = 0; check < HOLDER_CHECKS; check += 1) {
    const { rowCount } = await db.query(
      `SELECT pg_terminate_backend(active_pid), pg_sleep(0.05)
         FROM pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL`,
      [slotName],
    );
    if (rowCount === 0) return;
  }
}
