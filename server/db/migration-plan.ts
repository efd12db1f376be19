import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HaloError } from '../platform/errors.ts';

/** A migration as its file has it. */
export interface MigrationFile {
  /** The file's name without `.sql`; so it stands in the table `migrations`. */
  readonly name: string;
  readonly number: number;
  /** False where a line `-- transaction: none` says so, as what is done CONCURRENTLY needs. */
  readonly inTransaction: boolean;
  readonly sql: string;
}

const NAME = /^(\d{4})_[a-z0-9_]+$/;
/** `0041_contract_0035_…` takes away what servers that do not know 0035 read. */
const CONTRACT = /^\d{4}_contract_(\d{4})_/;
const NO_TRANSACTION = /^-- transaction: none$/m;

/** The migrations in a folder, in their order. */
export async function readMigrations(dir: string): Promise<MigrationFile[]> {
  const names = (await readdir(dir)).filter((file) => file.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (file) => {
      const name = file.slice(0, -'.sql'.length);
      const sql = await readFile(join(dir, file), 'utf8');
      return { name, number: numberOf(name), inTransaction: !NO_TRANSACTION.test(sql), sql };
    }),
  );
}

/** What is to be done with a database. */
export interface MigrationPlan {
  readonly pending: readonly MigrationFile[];
  /** Migrations of a newer server that this one can go on beside. */
  readonly newer: readonly string[];
}

/**
 * Compares what a database has seen with the files that this server brings.
 *
 * @throws HaloError `schema_too_new` where a newer server has taken away what this one reads; `migrations_out_of_order` where the
 * database has seen a later one than one that is pending
 */
export function planMigrations(applied: readonly string[], files: readonly MigrationFile[]): MigrationPlan {
  const known = new Set(files.map(({ name }) => name));
  const seen = new Set(applied);
  const newest = files.at(-1)?.number ?? 0;
  const newer = applied.filter((name) => !known.has(name));
  const needed = Math.max(0, ...newer.map((name) => Number(CONTRACT.exec(name)?.[1] ?? 0)));
  if (needed > newest)
    throw new HaloError(
      'schema_too_new',
      'A newer Halo has changed this database past what this one can use.',
      {
        hint: 'Start the newer version, or restore a backup from before the upgrade (docs/upgrading.md).',
        details: { newest: newer.at(-1) ?? '' },
      },
    );
  const pending = files.filter(({ name }) => !seen.has(name));
  const lastSeen = Math.max(0, ...applied.filter((name) => known.has(name)).map(numberOf));
  const late = pending.find(({ number }) => number < lastSeen);
  if (late !== undefined)
    throw new HaloError('migrations_out_of_order', `Migration ${late.name} comes before one that has run.`, {
      hint: 'This database was changed by another line of development; use one that follows this one.',
    });
  return { pending, newer };
}

function numberOf(name: string): number {
  const number = NAME.exec(name)?.[1];
  if (number === undefined) throw new Error(`${name} is no name of a migration`);
  return Number(number);
}
