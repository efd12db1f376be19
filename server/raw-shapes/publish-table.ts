import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { quotedTable } from '../shape-engine/resolve-shape.ts';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';

/** Longest wait for writers of the table to end, in milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;

interface Published {
  readonly published: boolean;
  readonly full: boolean;
}

/**
 * Makes the changes of a table come through the publication, whole: adds it, and sets REPLICA IDENTITY FULL. False
 * when there is no such table. It waits for those who are writing to the table: what they have written before it
 * was published would not be sent, though they commit later.
 */
export async function publishTable(
  pool: Pool,
  publication: string,
  schema: string,
  table: string,
): Promise<boolean> {
  const { rows } = await pool.query<Published>(
    `SELECT c.relreplident = 'f' AS full,
            EXISTS (SELECT FROM pg_publication_tables p
                     WHERE p.pubname = $1 AND p.schemaname = n.nspname AND p.tablename = c.relname) AS published
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $2 AND c.relname = $3 AND c.relkind IN ('r', 'p')`,
    [publication, schema, table],
  );
  const state = rows[0];
  if (state === undefined) return false;
  if (state.published && state.full) return true;
  const name = quotedTable({ schema, table });
  await inTransaction(pool, async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await tx.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`);
    if (!state.full) await tx.query(`ALTER TABLE ${name} REPLICA IDENTITY FULL`);
    if (!state.published)
      await tx.query(`ALTER PUBLICATION ${quoteIdentifier(publication)} ADD TABLE ${name}`);
  });
  return true;
}
