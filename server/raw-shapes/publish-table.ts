import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import pg from 'pg';
import type { Pool, Queryable } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { quotedTable } from '../shape-engine/resolve-shape.ts';

/** Longest wait for writers of the table to end, in milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** Advisory key of whoever alters a publication. Postgres itself lets two do it at once, and fails one of them. */
const LOCK_KEY = 7_201_002;

interface TableState {
  readonly published: boolean;
  /** The table and its partitions that do not tell their old rows. */
  readonly without_identity: readonly { readonly schema: string; readonly table: string }[];
}

/**
 * Makes the changes of a table come through the publication, whole: adds it, and sets REPLICA IDENTITY FULL on it and
 * its partitions. It waits for those who are writing to the table: what they have written before it was published
 * would not be sent, though they commit later. Fails with `table_not_published` where Postgres refuses.
 * @returns false when there is no such table.
 */
export async function publishTable(
  pool: Pool,
  publication: string,
  schema: string,
  table: string,
): Promise<boolean> {
  const readState = async (db: Queryable) =>
    (await db.query<TableState>(STATE, [publication, schema, table])).rows[0];
  const before = await readState(pool);
  if (before === undefined) return false;
  if (before.published && before.without_identity.length === 0) return true;
  try {
    await inTransaction(pool, async (tx) => {
      await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.query(`LOCK TABLE ${quotedTable({ schema, table })} IN SHARE ROW EXCLUSIVE MODE`);
      // Another reader may have had it published meanwhile.
      const state = (await readState(tx)) ?? before;
      for (const each of state.without_identity) {
        await tx.query(`ALTER TABLE ${quotedTable(each)} REPLICA IDENTITY FULL`);
      }
      if (state.published) return;
      // Last of the locks: whoever has it waits for nothing any more.
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
      const name = quoteIdentifier(publication);
      await tx.query(`ALTER PUBLICATION ${name} SET (publish_via_partition_root = true)`);
      await tx.query(`ALTER PUBLICATION ${name} ADD TABLE ${quotedTable({ schema, table })}`);
    });
  } catch (error) {
    throw refusal(error, schema, table);
  }
  return true;
}

function refusal(error: unknown, schema: string, table: string): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (error.code === LOCK_NOT_AVAILABLE) {
    const message = `Table "${schema}"."${table}" is written to all the time and cannot be published now.`;
    return new HaloError('busy', message, { status: 503, cause: error });
  }
  const message = `Table "${schema}"."${table}" cannot be published: ${error.message}.`;
  return new HaloError('table_not_published', message, { status: 400, field: 'table', cause: error });
}

const STATE = `
  WITH RECURSIVE tree AS (
    SELECT c.oid, c.relname, n.nspname, c.relreplident, c.relkind
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $2 AND c.relname = $3 AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT c.oid, c.relname, n.nspname, c.relreplident, c.relkind
      FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid AND tree.relkind = 'p'
      JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  )
  SELECT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                  WHERE p.pubname = $1 AND r.prrelid = root.oid) AS published,
         (SELECT coalesce(json_agg(json_build_object('schema', nspname, 'table', relname)), '[]')
            FROM tree WHERE relreplident <> 'f') AS without_identity
    FROM tree AS root WHERE nspname = $2 AND relname = $3`;
