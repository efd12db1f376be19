import pg from 'pg';
import { HaloError } from '../../platform/errors.ts';
import { sleep } from '../../platform/sleep.ts';
import { databaseOf, inSession, withDatabase } from './session.ts';

const OBJECT_IN_USE = '55006';
/** Connections that are ended go within moments: Postgres itself waits as long for them before it renames. */
const LEAVE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** Names of databases have at most so many bytes. */
const MAX_NAME_BYTES = 63;

/** What a restored database waits under until it takes its place. */
export function waitingName(url: string): string {
  return named(databaseOf(url), '_restoring');
}

/**
 * Makes an empty database to restore into; one that an earlier restore left half made is dropped. Fails with `database_in_use` while
 * anybody is connected to the one whose place it is to take: that is known before all the work, and not after it.
 */
export async function makeWaiting(url: string, signal: AbortSignal): Promise<string> {
  const name = waitingName(url);
  await inSession(neighbour(url), signal, async (client) => {
    await refuseWhileUsed(client, databaseOf(url), signal);
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
  });
  return withDatabase(url, name);
}

/** A database that was set aside. */
export interface Former {
  readonly name: string;
  /** Slots of others in it, such as Electric's: each holds the WAL of all until it is dropped. */
  readonly slots: readonly string[];
}

/**
 * Puts the restored database in the place of the one of `url`, which is kept under a name of its own. Where it rejects, either
 * nothing has changed, or both have their names and slots of the former one are left.
 *
 * @throws HaloError `database_in_use` while anybody is connected to one of both
 */
export async function takePlace(url: string, now: Date, signal: AbortSignal): Promise<Former> {
  const name = databaseOf(url);
  const at = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const former = named(name, `_before_${at}`);
  return inSession(neighbour(url), signal, async (client) => {
    // One transaction: at no moment is there no database of that name.
    await client.query('BEGIN');
    await rename(client, name, former);
    await rename(client, waitingName(url), name);
    await client.query('COMMIT');
    // A slot of a database that nobody follows any more would hold the WAL of all for ever.
    await client.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE database = $1 AND NOT active AND slot_name ~ '^halo_[0-9a-f]{12}$'`,
      [former],
    );
    const { rows } = await client.query<{ name: string }>(
      'SELECT slot_name AS name FROM pg_replication_slots WHERE database = $1 ORDER BY slot_name',
      [former],
    );
    return { name: former, slots: rows.map(({ name: slot }) => slot) };
  });
}

/** A role that may not see others' sessions sees of them who they are, and not what: autovacuum is nobody's. */
async function refuseWhileUsed(client: pg.Client, name: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + LEAVE_WITHIN_MS;
  for (;;) {
    const { rows } = await client.query<{ who: string }>(
      `SELECT DISTINCT coalesce(nullif(application_name, ''), 'somebody without a name') AS who FROM pg_stat_activity
        WHERE datname = $1 AND (backend_type IN ('client backend', 'walsender') OR (backend_type IS NULL AND usesysid IS NOT NULL))
        ORDER BY who LIMIT 10`,
      [name],
    );
    if (rows.length === 0) return;
    if (performance.now() > until) throw inUse(name, { who: rows.map(({ who }) => who).join(', ') });
    await sleep(LOOK_EVERY_MS, signal);
  }
}

async function rename(client: pg.Client, from: string, to: string): Promise<void> {
  try {
    await client.query(
      `ALTER DATABASE ${client.escapeIdentifier(from)} RENAME TO ${client.escapeIdentifier(to)}`,
    );
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError) || cause.code !== OBJECT_IN_USE) throw cause;
    throw inUse(from, { cause });
  }
}

function inUse(name: string, { who, cause }: { who?: string; cause?: unknown }): HaloError {
  return new HaloError(
    'database_in_use',
    `Somebody is connected to the database ${name}${who === undefined ? '' : `: ${who}`}.`,
    {
      hint: 'Stop every Halo, Electric, and every other program that uses it, and give the command again.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** A database of the same server that is neither of both: one cannot rename what one is connected to. */
function neighbour(url: string): string {
  return withDatabase(url, databaseOf(url) === 'postgres' ? 'template1' : 'postgres');
}

function named(name: string, ending: string): string {
  return `${Buffer.from(name)
    .subarray(0, MAX_NAME_BYTES - ending.length)
    .toString()}${ending}`;
}
