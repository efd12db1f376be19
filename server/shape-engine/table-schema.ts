import { createHash } from 'node:crypto';
import type { Queryable } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import { builtInType } from './where/scalar-type.ts';
import type { ScalarType } from './where/scalar-type.ts';

export interface TableColumn {
  readonly name: string;
  /** Number in the table: a column dropped and added again is another one. */
  readonly number: number;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly typeName: string;
  readonly notNull: boolean;
  /** Of an array as it was declared; 0 for what is none. */
  readonly dimensions: number;
  /** Computed from other columns: the WAL does not bring it. */
  readonly generated: boolean;
  /** Place in the primary key, from zero; null outside it. */
  readonly keyIndex: number | null;
  /** Null when conditions on it are not supported. */
  readonly scalar: ScalarType | null;
}

/** A table as the catalogue describes it now. */
export interface TableSchema {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** With REPLICA IDENTITY FULL a change brings the whole old row, so that a move out of a filter is seen. */
  readonly identityFull: boolean;
  /** Its rows lie in its partitions, and their changes are told as its own. */
  readonly partitioned: boolean;
  /** It is a partition: its changes may be told as those of the table that it is a part of. */
  readonly partition: boolean;
}

interface ColumnRow {
  oid: string;
  relreplident: string;
  relkind: string;
  relispartition: boolean;
  attname: string;
  attnum: number;
  atttypid: string;
  atttypmod: number;
  attnotnull: boolean;
  attndims: number;
  generated: boolean;
  typname: string;
  typschema: string;
  key_index: number | null;
  labels: string[] | null;
  c_collation: boolean;
  deterministic: boolean;
}

const TABLE_SQL = `
  SELECT c.oid::int8 AS oid, c.relreplident::text, c.relkind::text, c.relispartition, a.attname::text, a.attnum::int4, a.atttypid::int8 AS atttypid,
         a.atttypmod, a.attnotnull, a.attndims::int4, a.attgenerated <> '' AS generated, t.typname::text, tn.nspname::text AS typschema,
         array_position(i.indkey::int2[], a.attnum) AS key_index,
         (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels,
         coalesce(col.collname IN ('C', 'POSIX'), false) AS c_collation,
         coalesce(col.collisdeterministic, true) AS deterministic
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN pg_catalog.pg_collation col ON col.oid = a.attcollation
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
   ORDER BY a.attnum`;

/** Reads a table's description from the catalogue; `table_not_found` when there is none. */
export async function loadTableSchema(db: Queryable, schema: string, table: string): Promise<TableSchema> {
  const { rows } = await db.query<ColumnRow>(TABLE_SQL, [schema, table]);
  const first = rows[0];
  if (first === undefined) {
    throw new HaloError('table_not_found', `There is no table ${schema}.${table}.`, { status: 400 });
  }
  const columns = rows.map(toColumn);
  const key = columns.filter((column) => column.keyIndex !== null);
  key.sort((a, b) => (a.keyIndex ?? 0) - (b.keyIndex ?? 0));
  // The driver hands int8 over as text.
  return {
    oid: Number(first.oid),
    schema,
    table,
    columns,
    key,
    identityFull: first.relreplident === 'f',
    partitioned: first.relkind === 'p',
    partition: first.relispartition,
  };
}

function toColumn(row: ColumnRow): TableColumn {
  return {
    name: row.attname,
    number: row.attnum,
    typeOid: Number(row.atttypid),
    typeModifier: row.atttypmod,
    typeName: row.typname,
    notNull: row.attnotnull,
    dimensions: row.attndims,
    generated: row.generated,
    keyIndex: row.key_index,
    scalar: scalarType(row),
  };
}

function scalarType(row: ColumnRow): ScalarType | null {
  // Under a nondeterministic collation even equality is not equality of texts.
  if (!row.deterministic) return null;
  if (row.labels !== null) {
    const sqlName = `${quoteIdentifier(row.typschema)}.${quoteIdentifier(row.typname)}`;
    return { family: 'enum', sqlName, labels: row.labels, ordered: false };
  }
  const type = row.typschema === 'pg_catalog' ? builtInType(row.typname) : undefined;
  if (type === undefined) return null;
  return type.family === 'text' ? { ...type, ordered: row.c_collation } : type;
}

/** A short hash, the same on every instance. */
export function stableHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
