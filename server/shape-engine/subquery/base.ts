import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import { to as copyTo } from 'pg-copy-streams';
import type { Tuple } from '../../change-log/change-log.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { fieldsOf, linesOf } from '../copy-rows.ts';
import { fromSql, quotedTable } from '../resolve-shape.ts';
import { outdatedIfGone, SnapshotOutdated } from '../snapshot-rows.ts';
import { lockSql } from '../table-lock.ts';
import { loadTableSchema } from '../table-schema.ts';
import type { TableSchema } from '../table-schema.ts';
import { parseVisibility } from '../visibility.ts';
import type { Visibility } from '../visibility.ts';
import type { QueryPlan, ShapePlan } from './plan.ts';

/** Longest that one statement may take, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 600_000;

/** A Postgres snapshot of all tables of a shape, in which rows can be looked up until it is closed. */
export interface Base {
  readonly seen: Visibility;
  /** Lines of COPY's text format for a query. */
  copy(sql: string): AsyncIterable<readonly string[]>;
  /** Ends the transaction; `failed` where the connection may be in the middle of something. */
  close(failed?: Error): Promise<void>;
}

/**
 * Takes the snapshot. The locks come before it: afterwards nobody can truncate or alter a table under it.
 * @param isCurrent whether the tables, as they are described now, are those that the shape was planned for.
 */
export async function openBase(
  pool: Pool,
  plan: ShapePlan,
  isCurrent: (tables: readonly TableSchema[]) => boolean,
): Promise<Base> {
  const client = await pool.connect();
  const tables = new Map(plan.queries.map(({ table }) => [quotedTable(table), table]));
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(lockSql([...tables.values()]));
    await client.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    const { rows } = await client.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen');
    const present: TableSchema[] = [];
    for (const { schema, table } of tables.values())
      present.push(await loadTableSchema(client, schema, table));
    if (!isCurrent(present)) throw new SnapshotOutdated();
    return baseOf(client, parseVisibility(rows[0]!.seen));
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    client.release(failure);
    throw outdatedIfGone(failure);
  }
}

function baseOf(client: Transaction, seen: Visibility): Base {
  let closed = false;
  return {
    seen,
    copy: (sql) => linesOf(client.query(copyTo(`COPY (${sql}) TO STDOUT`))),
    async close(failed) {
      if (closed) return;
      closed = true;
      if (failed !== undefined) return client.release(failed);
      try {
        await client.query('COMMIT');
        client.release();
      } catch (error) {
        client.release(error instanceof Error ? error : true);
      }
    },
  };
}

/** SQL of a query's rows under a condition, which is SQL already. */
export function rowsSql({ table, used }: QueryPlan, where: string | null): string {
  const columns = used.map(({ name }) => quoteIdentifier(name)).join(', ');
  return `SELECT ${columns} FROM ${fromSql(table)}${where === null ? '' : ` WHERE ${where}`}`;
}

/** The row of a line. */
export function rowOf({ used }: QueryPlan, line: string): Tuple {
  return used.length === 0 ? [] : fieldsOf(line);
}
