import pg from 'pg';
import type { LogRelation } from '../change-log/change-log.ts';
import { endClient } from '../db/end-client.ts';

/** Longest wait for a connection, and for the answer, in milliseconds. */
const TIMEOUT_MS = 5_000;

interface ColumnRow {
  readonly name: string;
  readonly number: number;
  readonly key_index: number | null;
}

const COLUMNS_SQL = `
  SELECT a.attname::text AS name, a.attnum::int4 AS number, array_position(i.indkey::int2[], a.attnum) AS key_index
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
   WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped`;

/**
 * A relation with what pgoutput does not tell of it: the numbers of its columns, and its primary key. A table that has
 * another key, or a column that was dropped and made again under its name, is described with the same words as before,
 * and nothing but the describing itself says that something has changed.
 *
 * The catalogue is read as it is now, which may be later than what is being received: what it does not have any more
 * stays unknown. Over a connection of its own, for those of a pool may all be waiting for what the log is about to be told.
 */
export async function describeRelation(databaseUrl: string, relation: LogRelation): Promise<LogRelation> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: 'halo',
  });
  // What waits fails when the connection breaks; unheard, the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<ColumnRow>(COLUMNS_SQL, [relation.oid]);
    const known = new Map(rows.map((row) => [row.name, row]));
    return {
      ...relation,
      columns: relation.columns.map((column) => {
        const row = known.get(column.name);
        return row === undefined ? column : { ...column, number: row.number, keyIndex: row.key_index };
      }),
    };
  } finally {
    await endClient(client);
  }
}
