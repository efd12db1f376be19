import { createHash } from 'node:crypto';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Names the history that log positions belong to. Instances of one database agree on it, and it changes with
 * whatever makes an LSN mean something else: another cluster, a fail-over to a new timeline, a database
 * restored under another number, or an operator who begins a new epoch by hand.
 */
export async function resolveEpoch(databaseUrl: string): Promise<string> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    replication: 'database',
  } as pg.ClientConfig);
  await client.connect();
  try {
    const { rows: systems } = await client.query<{ systemid: string; timeline: number }>('IDENTIFY_SYSTEM');
    const { rows: epochs } = await client.query<{ epoch: string; oid: string }>(
      `SELECT epoch::text, (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS oid
         FROM replication_epoch`,
    );
    const parts = [systems[0]?.systemid, systems[0]?.timeline, epochs[0]?.oid, epochs[0]?.epoch];
    if (parts.includes(undefined)) throw new Error('the epoch of this database cannot be told');
    return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 16);
  } finally {
    await client.end();
  }
}
