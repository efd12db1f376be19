import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Where the migrations are. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../migrations', import.meta.url));
/** The table in which the runner notes what it has applied. */
export const MIGRATIONS_TABLE = 'migrations';

const MADE = /^CREATE (UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)/gm;

/** Names of the migrations that this version knows, in their order, as the runner notes them. */
export async function knownMigrations(): Promise<string[]> {
  const files = await readdir(MIGRATIONS_DIR);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted();
}

/**
 * Names of the tables that migrations have made, that of the runner among them; without unlogged ones, which Postgres
 * empties by itself after a crash. A test compares them with a database.
 *
 * @param applied names of known migrations: those that a database has; undefined: all
 */
export async function migratedTables(applied?: readonly string[]): Promise<string[]> {
  const names = new Set([MIGRATIONS_TABLE]);
  for (const name of applied ?? (await knownMigrations())) {
    const text = await readFile(join(MIGRATIONS_DIR, `${name}.sql`), 'utf8');
    for (const [, unlogged, table] of text.matchAll(MADE)) if (unlogged === undefined) names.add(table!);
  }
  return [...names].toSorted();
}
