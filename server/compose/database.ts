import pg from 'pg';
import { startCluster } from '../db/embedded/cluster.ts';
import { endClient } from '../db/end-client.ts';
import type { Pool } from '../db/pool.ts';
import { HaloError, sentenceOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Closers } from './closers.ts';

/** Halo's database in the embedded Postgres. */
export const DATABASE = 'halo';

/** Starts the embedded Postgres of a data directory that is locked, and makes the database on first use. */
export async function startEmbedded(dataDir: string, logger: Logger, closers: Closers): Promise<string> {
  const cluster = await startCluster({ dataDir, port: 'free', log: logger });
  closers.add('postgres', () => cluster.stop());
  const admin = new pg.Client(cluster.url());
  // What waits fails when the connection breaks; unheard, the event would end the process.
  admin.on('error', () => {});
  await admin.connect();
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await endClient(admin);
  }
  return cluster.url(DATABASE);
}

/** Fails with `database_unreachable`, saying why, when Postgres does not answer or refuses us. */
export async function reach(pool: Pool): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    throw new HaloError('database_unreachable', `Postgres cannot be reached: ${sentenceOf(cause)}`, {
      field: 'DATABASE_URL',
      hint: 'Check DATABASE_URL, and that Postgres runs and lets this role in.',
      cause,
    });
  }
}

/**
 * Fails with `database_unused` where a table is missing that any Halo makes when it starts: a wrong URL or data directory leads to a
 * database that is empty, and that is told rather than an error of its tables.
 */
export async function requireTable(pool: Pool, table: string, hint: string): Promise<void> {
  const { rows } = await pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    table,
  ]);
  if (rows[0]?.there === true) return;
  throw new HaloError('database_unused', 'No Halo has kept anything in this database yet.', { hint });
}
