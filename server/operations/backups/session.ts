import pg from 'pg';
import { endClient } from '../../db/end-client.ts';
import { SESSION_OPTIONS } from '../../db/pool.ts';
import { HaloError, sentenceOf } from '../../platform/errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const PROBE_AFTER_MS = 30_000;
/** Statements here read or write whole tables: what bounds them is the run's signal. */
const NO_TIMEOUTS =
  '-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=60000 -c client_encoding=UTF8';
/** A machine that lost its power ends no session, and its snapshot would hold up vacuum for two hours: Postgres probes after half a minute. */
const PROBES = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

/**
 * Works on a connection of its own, which is ended afterwards, and at once when `signal` aborts. Values have the same
 * text as in all sessions of Halo.
 */
export async function inSession<T>(
  url: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = clientOf(url);
  const end = () => void endClient(client);
  try {
    await client.connect();
  } catch (cause) {
    await endClient(client);
    throw unreachable(cause);
  }
  signal.addEventListener('abort', end, { once: true });
  try {
    return await work(client);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await endClient(client);
  }
}

function clientOf(url: string): pg.Client {
  let client: pg.Client;
  try {
    client = new pg.Client({
      connectionString: url,
      application_name: 'halo backup',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      options: `${SESSION_OPTIONS} ${NO_TIMEOUTS} ${PROBES}`,
      keepAlive: true,
      keepAliveInitialDelayMillis: PROBE_AFTER_MS,
    });
  } catch (cause) {
    throw unreachable(cause);
  }
  // What waits fails when the connection breaks; unheard, the event would end the process.
  client.on('error', () => {});
  return client;
}

function unreachable(cause: unknown): HaloError {
  return new HaloError('database_unreachable', `Postgres cannot be reached: ${sentenceOf(cause)}`, {
    hint: 'Check its URL (DATABASE_URL, or --to), and that Postgres runs and lets this role in.',
    cause,
  });
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.href;
}

/** The database that a URL names; where it names none, that of the user. */
export function databaseOf(url: string): string {
  const { pathname, username } = new URL(url);
  return decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username);
}
