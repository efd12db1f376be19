import { onTestFinished } from 'vitest';
import { parseLsn } from '../../server/replication/lsn.ts';
import { useTestDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { startReadPath } from './read-path.ts';
import type { TestReadPath, TestReadPathOptions } from './read-path.ts';

/** A database with one published table, `things (id, v)`, and one that is not, `unsynced`. */
export async function thingsDatabase(): Promise<TestDatabase> {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE things (id int PRIMARY KEY, v text);
    ALTER TABLE things REPLICA IDENTITY FULL;
    CREATE TABLE unsynced (id int PRIMARY KEY, v text);
    CREATE PUBLICATION things FOR TABLE things`);
  return database;
}

/** Follows the publication `things`, and is removed with the test. */
export async function follow(
  database: TestDatabase,
  options: TestReadPathOptions = {},
): Promise<TestReadPath> {
  const readPath = await startReadPath(database, { publication: 'things', ...options });
  let removed = false;
  onTestFinished(async () => {
    if (!removed) await readPath.remove();
  });
  const stop = async () => {
    removed = true;
    await readPath.stop();
  };
  // A slot is made when all that is being written in the cluster has ended.
  await eventually(() => readPath.replication.status().streaming);
  return { ...readPath, stop };
}

/** What Postgres believes to be stored. */
export async function confirmedLsn({ pool }: TestDatabase, slotName: string): Promise<bigint> {
  const { rows } = await pool.query<{ lsn: string }>(
    'SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1',
    [slotName],
  );
  return parseLsn(rows[0]!.lsn);
}

/** Ends the connection that reads the slot. */
export async function cutConnection({ pool }: TestDatabase, slotName: string): Promise<void> {
  await pool.query(
    'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active',
    [slotName],
  );
}
