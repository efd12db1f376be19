import { runner } from 'node-pg-migrate';
import type { RunnerOption } from 'node-pg-migrate';
import pg from 'pg';
import { backoffDelayMs } from '../platform/backoff.ts';
import { HaloError, messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { sleep } from '../platform/sleep.ts';
import { endClient } from './end-client.ts';
import { leaveNothingBehind } from './leave-nothing.ts';
import { MIGRATIONS_DIR, MIGRATIONS_TABLE } from './migration-files.ts';
import { planMigrations, readMigrations } from './migration-plan.ts';
import type { MigrationFile } from './migration-plan.ts';
import { refuseHalfRestored } from './restore-mark.ts';

/** The library's own, so that servers of before stand aside, too. */
const LOCK_KEY = '7241865325823964';
/** SQLSTATEs of what goes away by trying again: lock_not_available, deadlock_detected. */
const TRANSIENT = new Set(['55P03', '40P01']);
const COMMENTS = /--[^\n]*|\/\*[^]*?\*\//g;
const MAKES_CONCURRENTLY =
  /^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z_][a-z0-9_]*)/i;

/** How long migrating may take, and keep others from what they do. Times in milliseconds. */
export interface MigrationBounds {
  /** Longest wait for a lock: whoever comes behind it waits no longer either. */
  readonly lockTimeoutMs: number;
  /** As `lockTimeoutMs`, where nobody waits behind it: what is done CONCURRENTLY. */
  readonly concurrentLockTimeoutMs: number;
  /** How often one migration is tried while its locks are held by others. */
  readonly attempts: number;
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  /** How often an instance looks whether the one that migrates has done, and for how long at most. */
  readonly lookEveryMs: number;
  readonly waitMs: number;
  /** How long Postgres keeps the turn of a machine that is gone; undefined: as long as other locks of its kind. */
  readonly goneAfterMs?: number;
}

/** Two seconds at a time, for some five minutes; another instance may take an hour. */
export const MIGRATION_BOUNDS: MigrationBounds = {
  lockTimeoutMs: 2_000,
  concurrentLockTimeoutMs: 600_000,
  attempts: 30,
  backoff: { firstMs: 500, maxMs: 10_000 },
  lookEveryMs: 250,
  waitMs: 3_600_000,
};

/** How often one that waits says so. */
const TELL_EVERY_MS = 60_000;

interface Patience {
  readonly bounds: MigrationBounds;
  readonly log: Logger;
  readonly signal: AbortSignal | undefined;
}

/** Where from and how it migrates, and for how long it waits. */
export interface MigrateOptions {
  readonly dir?: string;
  readonly bounds?: MigrationBounds;
  /** Ends what waits, for others or for locks; a statement that runs is let run to its end. */
  readonly signal?: AbortSignal | undefined;
  /** Whether it is part of a restore, and so of a database that holds a part of what it is to hold. */
  readonly ofRestore?: boolean;
}

/**
 * Brings the database at `url` to the newest schema: forward only, each file in a transaction of its own, one instance at a time. No
 * migration waits for a lock so long that those who come behind it would notice: it lets go, and tries again.
 *
 * @returns the names of the files that were applied
 * @throws HaloError `migration_blocked`, `migration_failed`, `schema_too_new`, `migrations_out_of_order`,
 * `restore_unfinished`; the signal's reason where that ended it
 */
export async function migrate(
  url: string,
  logger: Logger,
  { dir = MIGRATIONS_DIR, bounds = MIGRATION_BOUNDS, signal, ofRestore = false }: MigrateOptions = {},
): Promise<string[]> {
  const log = logger.child({ component: 'migrations' });
  const files = await readMigrations(dir);
  const client = new pg.Client({ connectionString: url, application_name: 'halo migrations' });
  // What waits fails when the connection breaks; unheard, the event would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await leaveNothingBehind(client, bounds.goneAfterMs);
    await takeTurn(client, { bounds, log, signal });
    if (!ofRestore) await refuseHalfRestored(client);
    const known = await appliedNames(client);
    const { pending, newer } = planMigrations(known, files);
    if (newer.length > 0)
      log.warn({ newer }, 'a newer Halo has changed this database; this one goes on beside it');
    // What an index of a large table takes may be long: who looks at the log sees that it goes on.
    if (known.length > 0 && pending.length > 0)
      log.info({ migrations: pending.map(({ name }) => name) }, 'migrating');
    for (const file of pending) {
      await applyPatiently(client, dir, file, { bounds, log, signal });
      log.debug({ migration: file.name }, 'migrated');
    }
    return pending.map(({ name }) => name);
  } finally {
    // Its locks go with the connection.
    await endClient(client);
  }
}

/**
 * Waits until no other instance migrates. It asks now and again: a statement that waits holds a snapshot, for which what another
 * does CONCURRENTLY would wait in turn.
 */
async function takeTurn(
  client: pg.Client,
  { bounds: { lookEveryMs, waitMs }, log, signal }: Patience,
): Promise<void> {
  const until = performance.now() + waitMs;
  for (let tellMs = performance.now(); ;) {
    signal?.throwIfAborted();
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS mine`,
    );
    if (rows[0]?.mine === true) return;
    if (performance.now() >= tellMs) {
      log.info('waits for another instance that migrates the database');
      tellMs += TELL_EVERY_MS;
    }
    if (performance.now() > until)
      throw new HaloError('migration_blocked', 'Another instance has been migrating for too long.', {
        hint: 'Look at what it waits for in pg_stat_activity, and start this one again.',
      });
    await sleep(lookEveryMs, signal);
  }
}

async function appliedNames(client: pg.Client): Promise<string[]> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS exists`,
  );
  if (found[0]?.exists !== true) return [];
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY run_on, id');
  return rows.map(({ name }) => name);
}

async function applyPatiently(
  client: pg.Client,
  dir: string,
  file: MigrationFile,
  { bounds, log, signal }: Patience,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      await apply(client, dir, file, bounds);
      return;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      if (!(error instanceof pg.DatabaseError) || !TRANSIENT.has(error.code ?? ''))
        throw new HaloError('migration_failed', `Migration ${file.name} failed: ${messageOf(error)}.`, {
          hint: file.inTransaction
            ? 'Nothing of it was kept. The version before goes on with this database.'
            : 'What it began is cleared away when it is tried again. The version before goes on with this database.',
          cause: error,
        });
      if (attempt + 1 >= bounds.attempts)
        throw new HaloError('migration_blocked', `Migration ${file.name} did not get its locks.`, {
          hint: 'Somebody holds its tables: end long transactions (pg_stat_activity), and start again. Nothing of it was kept.',
          cause: error,
        });
      log.info({ migration: file.name, attempt }, 'a migration lets others pass, and is tried again');
      await sleep(backoffDelayMs(attempt, bounds.backoff, Math.random), signal);
    }
  }
}

async function apply(
  client: pg.Client,
  dir: string,
  file: MigrationFile,
  bounds: MigrationBounds,
): Promise<void> {
  const { inTransaction, sql, name } = file;
  const lockTimeoutMs = inTransaction ? bounds.lockTimeoutMs : bounds.concurrentLockTimeoutMs;
  await client.query(`SET lock_timeout = ${lockTimeoutMs}; SET statement_timeout = 0`);
  if (!inTransaction) await dropUnrecorded(client, sql);
  await runner({
    dbClient: client,
    dir,
    file: name,
    ignorePattern: '\\..*|.*\\.md',
    migrationsTable: MIGRATIONS_TABLE,
    direction: 'up',
    // The plan has judged the order, and the turn is taken.
    checkOrder: false,
    noLock: true,
    singleTransaction: false,
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader: loaderOf(file) }],
    // What fails is thrown, and told by whoever catches it.
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
}

type Loader = NonNullable<RunnerOption['migrationLoaderStrategies']>[number]['loader'];

function loaderOf({ name, sql, inTransaction }: MigrationFile): Loader {
  return (paths) =>
    Promise.resolve(
      paths.map((path) => ({
        id: path,
        filePaths: [path],
        actions: {
          up: (pgm) => {
            if (!inTransaction) pgm.noTransaction();
            if (path.endsWith(`${name}.sql`)) pgm.sql(sql);
          },
          down: false as const,
        },
      })),
    );
}

/**
 * An index that was being made CONCURRENTLY when something ended it stays behind, and is of no use; one that was made, and not noted
 * any more, is in the way. Of a migration that was not noted both are its own.
 */
async function dropUnrecorded(client: pg.Client, sql: string): Promise<void> {
  const name = MAKES_CONCURRENTLY.exec(sql.replaceAll(COMMENTS, ''))?.[1];
  if (name === undefined) return;
  await client.query(`DROP INDEX CONCURRENTLY IF EXISTS public.${name}`);
}
