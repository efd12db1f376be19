import type pg from 'pg';
import { withoutLogContext } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import { BoundedPool } from './bounded-pool.ts';
import { watchedClient } from './watched-client.ts';

/** A pool of Postgres connections. */
export type Pool = pg.Pool;
/** Anything that can run one statement: a pool, or a client within a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;
/** A client inside a transaction. */
export type Transaction = pg.PoolClient;

/** How long a statement may run before Postgres cancels it, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 50_000;
/** A query that Postgres has not even refused by then has nobody to answer it. */
const SILENT_AFTER_MS = 60_000;
/** A connection on which nothing is under way is probed after this long, and given up ten seconds later. */
const PROBE_AFTER_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** What tests make shorter. */
export interface PoolLimits {
  /** A connection on which Postgres does not answer for so long is given up, in milliseconds. */
  readonly silentAfterMs?: number;
  /** Longest wait for a connection, in milliseconds. */
  readonly connectTimeoutMs?: number;
}

/**
 * Opens a pool of at most `max` connections. Every session speaks UTC and ISO forms, so that a value has
 * one text whoever reads it. An idle connection that breaks is logged and replaced, never thrown. One that the network
 * has swallowed is found within a minute: `database_silent`. Who waits in vain for one to come free hears `database_busy`.
 */
export function createPool(
  url: string,
  max: number,
  logger: Logger,
  { silentAfterMs = SILENT_AFTER_MS, connectTimeoutMs = CONNECT_TIMEOUT_MS }: PoolLimits = {},
): BoundedPool {
  const pool = new BoundedPool({
    connectionString: url,
    max,
    application_name: 'halo',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    options: SESSION_OPTIONS,
    keepAlive: true,
    keepAliveInitialDelayMillis: PROBE_AFTER_MS,
    Client: watchedClient(silentAfterMs),
  });
  // Node calls this as if on behalf of whoever had the connection opened.
  pool.on('error', (error) => {
    // Whoever ends his pool and then his Postgres may hear of both at once.
    if (pool.ending) return;
    // The driver puts the whole connection into the error, with the key by which others could cancel its queries.
    Reflect.deleteProperty(error, 'client');
    withoutLogContext(() => logger.warn({ err: error, component: 'db' }, 'an idle connection broke'));
  });
  return pool;
}

/**
 * Start-up options of each session, the walsender's too: snapshot and stream must render a value in the
 * same way (time zone, date, interval, float and bytea forms).
 */
export const SESSION_OPTIONS =
  '-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=iso_8601 -c extra_float_digits=1 -c bytea_output=hex';
