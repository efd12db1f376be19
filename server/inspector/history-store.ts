import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { HISTORY_KEPT_DAYS } from '@halo/shapes/protocol/sync-history.ts';
import type { Queryable } from '../db/pool.ts';
import type { Look, Minute } from './sync-history.ts';
import type { LastVerdict } from './verdict-since.ts';

/** Rows that go in one statement. */
const SWEPT_AT_ONCE = 2_000;
/** A verdict that was not written down for so long is not known to have held. */
const GAP = `interval '5 minutes'`;
const THIS_MINUTE = `date_trunc('minute', now())`;

/** Whether the minute that is under way, by the database's clock, has been written down by whatever instance. */
export async function isWritten(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT FROM sync_history WHERE minute = ${THIS_MINUTE}`);
  return rowCount !== 0;
}

/** Writes this minute down, unless another instance just did; says whether it was this one. */
export async function writeMinute(db: Queryable, { verdict, lag, devices, outbox }: Look): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH last AS (
       SELECT verdict, verdict_since FROM sync_history WHERE minute >= now() - ${GAP} ORDER BY minute DESC LIMIT 1
     ), settled AS (
       SELECT count(*) FILTER (WHERE status = 'applied') AS applied, count(*) FILTER (WHERE status = 'rejected') AS rejected
         FROM ledger WHERE settled_at >= ${THIS_MINUTE} - interval '1 minute' AND settled_at < ${THIS_MINUTE}
     ), slots AS (
       SELECT max(greatest(pg_current_wal_lsn() - restart_lsn, 0))::bigint AS retained
         FROM pg_replication_slots WHERE database = current_database() AND slot_name ~ '^halo_[0-9a-f]{12}$'
     )
     INSERT INTO sync_history (minute, verdict, verdict_since, lag_bytes, lag_seconds, lag_instance, retained_bytes,
       devices_live, devices_behind, devices_stalled, devices_offline, devices_revoked,
       outbox_pending, outbox_rejected, outbox_stuck, mutations_applied, mutations_rejected)
     SELECT ${THIS_MINUTE}, $1, coalesce((SELECT verdict_since FROM last WHERE verdict = $1), ${THIS_MINUTE}),
            $2, $3, $4, slots.retained, $5, $6, $7, $8, $9, $10, $11, $12, settled.applied, settled.rejected
       FROM settled, slots
     ON CONFLICT (minute) DO NOTHING`,
    [
      ...[verdict, lag.bytes, lag.seconds, lag.instance],
      ...[devices.live, devices.behind, devices.stalled, devices.offline, devices.revoked],
      ...[outbox.pending, outbox.rejected, outbox.stuckDevices],
    ],
  );
  return rowCount === 1;
}

interface Row {
  readonly minute: Date;
  readonly verdict: Overview['verdict'];
  readonly lag_bytes: number | null;
  readonly lag_seconds: number | null;
  readonly lag_instance: string | null;
  readonly retained_bytes: number | null;
  readonly live: number;
  readonly behind: number;
  readonly stalled: number;
  readonly offline: number;
  readonly revoked: number;
  readonly pending: number;
  readonly rejected: number;
  readonly stuck: number;
  readonly applied: number;
  readonly refused: number;
}

/** The minutes from `from` on and before `to`, the oldest first; there are no more than are kept. */
export async function readMinutes(db: Queryable, from: Date, to: Date): Promise<Minute[]> {
  const { rows } = await db.query<Row>(
    `SELECT minute, verdict, lag_bytes::float8, lag_seconds, lag_instance, retained_bytes::float8,
            devices_live AS live, devices_behind AS behind, devices_stalled AS stalled, devices_offline AS offline,
            devices_revoked AS revoked, outbox_pending::float8 AS pending, outbox_rejected::float8 AS rejected,
            outbox_stuck AS stuck, mutations_applied AS applied, mutations_rejected AS refused
       FROM sync_history WHERE minute >= $1 AND minute < $2 ORDER BY minute`,
    [from, to],
  );
  return rows.map((row) => ({
    atMs: row.minute.getTime(),
    verdict: row.verdict,
    lag: { bytes: row.lag_bytes, seconds: row.lag_seconds, instance: row.lag_instance },
    retainedBytes: row.retained_bytes,
    devices: {
      ...{ live: row.live, behind: row.behind, stalled: row.stalled },
      ...{ offline: row.offline, revoked: row.revoked },
    },
    outbox: { pending: row.pending, rejected: row.rejected, stuckDevices: row.stuck },
    mutations: { applied: row.applied, rejected: row.refused },
  }));
}

/** What the newest minute says; undefined where none was written down of late. */
export async function lastVerdict(db: Queryable): Promise<LastVerdict | undefined> {
  const { rows } = await db.query<LastVerdict>(
    `SELECT verdict, verdict_since AS since FROM sync_history WHERE minute >= now() - ${GAP} ORDER BY minute DESC LIMIT 1`,
  );
  return rows[0];
}

/** Takes away what is older than is kept, some at a time. */
export async function sweepHistory(db: Queryable, signal: AbortSignal): Promise<void> {
  let last = SWEPT_AT_ONCE;
  while (last === SWEPT_AT_ONCE && !signal.aborted) {
    const { rowCount } = await db.query(
      `DELETE FROM sync_history WHERE minute IN (
         SELECT minute FROM sync_history WHERE minute < now() - interval '${HISTORY_KEPT_DAYS} days'
          ORDER BY minute LIMIT ${SWEPT_AT_ONCE})`,
    );
    last = rowCount ?? 0;
  }
}
