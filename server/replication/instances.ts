import type { Queryable } from '../db/pool.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';

/** Days are what matters in the end; a minute makes the table useful to operators. */
const BEAT_EVERY_MS = 60_000;

/** Says in the database that this instance is there, for as long as it runs. */
export interface Heartbeat extends Service {
  beat(): Promise<void>;
  /** WAL that Postgres keeps for the instance furthest behind, in bytes, at the last beat. */
  retainedWalBytes(): number;
}

/** @param host the machine's name, for operators. */
export function createHeartbeat(db: Queryable, slotName: string, host: string): Heartbeat {
  let retained = 0;
  const beat = async () => {
    await db.query(
      `INSERT INTO instances (slot_name, host) VALUES ($1, $2)
           ON CONFLICT (slot_name) DO UPDATE SET host = excluded.host, last_seen_at = now()`,
      [slotName, host],
    );
    retained = await retainedWalBytes(db);
  };
  return {
    name: 'heartbeat',
    beat,
    retainedWalBytes: () => retained,
    async run(signal) {
      while (!signal.aborted) {
        await beat();
        await sleep(BEAT_EVERY_MS, signal);
      }
    },
  };
}

async function retainedWalBytes(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    `SELECT coalesce(max(pg_current_wal_lsn() - restart_lsn), 0)::float8 AS bytes
       FROM pg_replication_slots
      WHERE database = current_database() AND slot_name ~ '^halo_[0-9a-f]{12}$'`,
  );
  return rows[0]!.bytes;
}
