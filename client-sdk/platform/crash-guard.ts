import type { PGlite } from '@electric-sql/pglite';
import { HaloClientError, messageOf } from '../errors.ts';

/** What PGlite's Postgres ends a statement with that failed as statements do: it has put itself right by then. */
const LONG_JUMP_STATUS = 100;

/** By these PGlite enters Postgres. Only what the first throws does it handle. */
const ENTRIES = [
  '_PostgresMainLoopOnce',
  '_PostgresMainLongJmp',
  '_PostgresSendReadyForQueryIfNecessary',
  '_pgl_pq_flush',
] as const;

/** The parts of the WebAssembly module by which PGlite enters Postgres, and one that it calls after a failure. */
interface PostgresModule extends Record<(typeof ENTRIES)[number], () => void> {
  stackRestore(pointer: number): void;
  readonly FS: { quit(): void };
}

/**
 * Makes of a Postgres that has crashed (no memory left, a disk full in the middle of its log) one that refuses everything
 * with `replica_crashed`. PGlite 0.5 swallows what WebAssembly throws and goes on: a statement that broke off would count
 * as one that was done, and the next one would wait for ever, and the thread with it, for a lock that nobody gives back.
 * Such a Postgres is not entered any more, not even to be closed; `onCrash` hears of it once.
 */
export function guardAgainstCrashes(
  database: PGlite,
  onCrash: (crash: HaloClientError) => void = () => {},
): PGlite {
  const postgres = database.Module as unknown as PostgresModule;
  let crash: HaloClientError | undefined;
  const refuse = () => {
    if (crash !== undefined) throw crash;
  };
  for (const name of ENTRIES) {
    const enter = postgres[name].bind(postgres);
    postgres[name] = () => {
      refuse();
      try {
        enter();
      } catch (error) {
        const { status } = (error ?? {}) as { readonly status?: unknown };
        if (name === ENTRIES[0] && status === LONG_JUMP_STATUS) throw error;
        // Also a failure while one is handled: a full disk, say, when the log is to tell that a transaction ended.
        crash = crashed(error);
        onCrash(crash);
        throw crash;
      }
    };
  }
  const restore = postgres.stackRestore.bind(postgres);
  postgres.stackRestore = (pointer) => {
    // Thrown from where PGlite handles what it caught, so that it does not go on.
    refuse();
    restore(pointer);
  };
  const execute = database.execProtocolRawSync.bind(database);
  database.execProtocolRawSync = (message) => {
    refuse();
    const answer = execute(message);
    refuse();
    return answer;
  };
  const close = database.close.bind(database);
  database.close = async () => {
    try {
      // It writes once more, and may find no room for that.
      if (crash === undefined) await close();
    } finally {
      if (crash !== undefined) letGoOfFiles(postgres);
    }
  };
  return database;
}

/** The files that a crashed Postgres held open are closed; what it had not written yet is lost, as in any crash. */
function letGoOfFiles(postgres: PostgresModule): void {
  try {
    postgres.FS.quit();
  } catch {
    // The operating system closes them with the process.
  }
}

function crashed(cause: unknown): HaloClientError {
  const message = `The replica's Postgres has crashed: ${messageOf(cause)}`;
  return new HaloClientError('replica_crashed', message, { cause });
}
