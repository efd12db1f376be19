import { fileURLToPath } from 'node:url';
import { readMigrations } from './migration-plan.ts';

/** Where the migrations are. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../migrations', import.meta.url));
/** The table in which the runner notes what it has applied. */
export const MIGRATIONS_TABLE = 'migrations';

const MADE = /^CREATE (UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)/gm;
const LOGGED_SINCE = /^ALTER TABLE ([a-z_]+) SET LOGGED/gm;

/** Names of the migrations that this version knows, in their order, as the runner notes them. */
export async function knownMigrations(): Promise<string[]> {
  return (await readMigrations(MIGRATIONS_DIR)).map(({ name }) => name);
}

/**
 * Names of the tables that migrations have made, that of the runner among them; without unlogged ones, which Postgres
 * empties by itself after a crash. A test compares them with a database.
 *
 * @param applied names of known migrations: those that a database has; undefined: all
 */
export async function migratedTables(applied?: readonly string[]): Promise<string[]> {
  const names = new Set([MIGRATIONS_TABLE]);
  for (const { name, sql } of await readMigrations(MIGRATIONS_DIR)) {
    if (applied?.includes(name) === false) continue;
    for (const [, unlogged, table] of sql.matchAll(MADE)) if (unlogged === undefined) names.add(table!);
    for (const [, table] of sql.matchAll(LOGGED_SINCE)) names.add(table!);
  }
  return [...names].toSorted();
}
