import type { Queryable } from '../db/pool.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';

/** Devices that are offline for a day learn of an erasure by its changes; the others fetch their shapes anew. */
const KEPT_HOURS = 24;
const LOOK_EVERY_MS = 3_600_000;

/** The part of the change log that is needed here. */
export interface ForgettingLog {
  /** Begins a new segment if the newest holds something at or before `lsn`. */
  endBehind(lsn: bigint): Promise<void>;
  /** Drops the ended segments that hold anything at or before `lsn`. */
  forget(lsn: bigint): Promise<void>;
}

/** Drops from this instance's change log, once an hour, what lies before an erasure of more than a day ago. */
export function createForgetErased(db: Queryable, log: ForgettingLog, logger: Logger): Service {
  return {
    name: 'forget-erased',
    async run(signal) {
      while (!signal.aborted) {
        await forgetErased(db, log).catch((error: unknown) => {
          logger.warn(
            { err: error, component: 'privacy' },
            'what was erased could not be dropped from the change log; it is tried again',
          );
        });
        await sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

/**
 * Drops what lies before the newest erasure of more than `KEPT_HOURS` ago. A segment is ended soon after each erasure, so that
 * hardly anything that came later goes with it. Places that the WAL has not come to are of another cluster, before a restore.
 */
export async function forgetErased(db: Queryable, log: ForgettingLog, keptHours = KEPT_HOURS): Promise<void> {
  const { rows } = await db.query<{ old: string | null; newest: string | null }>(
    `SELECT pg_wal_lsn_diff(max(lsn), '0/0')::text AS newest,
       pg_wal_lsn_diff(max(lsn) FILTER (WHERE erased_at <= now() - make_interval(hours => $1)), '0/0')::text AS old
     FROM erasures WHERE lsn <= pg_current_wal_insert_lsn()`,
    [keptHours],
  );
  const { old = null, newest = null } = rows[0] ?? {};
  if (old !== null) await log.forget(BigInt(old));
  if (newest !== null) await log.endBehind(BigInt(newest));
}
