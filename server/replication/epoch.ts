import { createHash } from 'node:crypto';
import pg from 'pg';
import { endClient } from '../db/end-client.ts';
import type { Queryable } from '../db/pool.ts';
import { parseLsn } from './lsn.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** A history, as the database tells of it now. */
export interface Epoch {
  /** What the log is marked with. */
  readonly name: string;
  /** The part of it that a new epoch changes. */
  readonly drawn: string;
}

/**
 * Names the history that log positions belong to. Instances of one database agree on it, and it changes with
 * whatever makes an LSN mean something else: another cluster, a fail-over to a new timeline, a database
 * restored under another number, or an operator who begins a new epoch by hand.
 */
export async function resolveEpoch(databaseUrl: string): Promise<Epoch> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    replication: 'database',
  } as pg.ClientConfig);
  // What waits fails when the connection breaks; unheard, the event would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows: systems } = await client.query<{ systemid: string; timeline: number }>('IDENTIFY_SYSTEM');
    const { rows: epochs } = await client.query<{ epoch: string; oid: string }>(
      `SELECT epoch::text, (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS oid
         FROM replication_epoch`,
    );
    const parts = [systems[0]?.systemid, systems[0]?.timeline, epochs[0]?.oid, epochs[0]?.epoch];
    if (parts.includes(undefined)) throw new Error('the epoch of this database cannot be told');
    const name = createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 16);
    return { name, drawn: epochs[0]!.epoch };
  } finally {
    await endClient(client);
  }
}

/**
 * Whether the database ends before `position`, which the log has of it. Postgres sends nothing that is not on its
 * disk, so it can only have been set back: restored from a snapshot of its files, or followed by a standby
 * that lagged. What it writes from now on bears LSNs that the log takes for known.
 */
export async function endsBefore(db: Queryable, position: bigint): Promise<boolean> {
  const { rows } = await db.query<{ flushed: string }>('SELECT pg_current_wal_flush_lsn()::text AS flushed');
  return position > parseLsn(rows[0]!.flushed);
}

/**
 * Begins a new epoch in place of `former`. Of several instances that find the same database set back, one does so:
 * the others wait for its row and then find that `former` is no longer there.
 */
export async function beginEpoch(db: Queryable, former: Epoch): Promise<void> {
  await db.query(
    'UPDATE replication_epoch SET epoch = gen_random_uuid(), started_at = now() WHERE epoch = $1',
    [former.drawn],
  );
}
