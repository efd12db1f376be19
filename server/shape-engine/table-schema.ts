import { createHash } from 'node:crypto';
import type { Queryable } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import { loadCasing } from './load-casing.ts';
import { ASCII_CASING } from './where/casing.ts';
import type { Casing } from './where/casing.ts';
import { arrayType, builtInType, opaqueType, textType } from './where/scalar-type.ts';
import type { Collation, ScalarType } from './where/scalar-type.ts';

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
  /** Its type is a domain, and `scalar` what lies beneath. */
  readonly domain: boolean;
  /** Null when conditions on it are not supported. */
  readonly scalar: ScalarType | null;
}

/** A table as the catalogue describes it now. */
export interface TableSchema {
  /** Two descriptions with one fingerprint are the same in all that is described. */
  readonly fingerprint: string;
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
  /** The type beneath a domain, which is the one that the rest describes. */
  base: string | null;
  typschema: string;
  key_index: number | null;
  labels: string[] | null;
  typtype: string;
  element: string | null;
  element_schema: string | null;
  collation_name: string | null;
  code_point_order: boolean;
  /** Names what case depends on where characters change it one by one; 'C' where only ASCII letters do. */
  case_locale: string | null;
  deterministic: boolean;
}

/**
 * The collation of a column; where it is the database's own, what that is. `to_jsonb`, because the columns that
 * say so differ from one version of Postgres to the next.
 */
const COLLATION_SQL = `
  SELECT CASE c.collprovider WHEN 'd' THEN '"default"' ELSE c.oid::regcollation::text END AS collname,
         c.collisdeterministic,
         CASE c.collprovider WHEN 'd' THEN coalesce(d.j ->> 'datlocprovider', 'c') ELSE c.collprovider::text END AS provider,
         CASE c.collprovider WHEN 'd' THEN d.j ->> 'datcollate' ELSE c.collcollate::text END AS sorts_by,
         CASE c.collprovider WHEN 'd' THEN d.j ->> 'datctype' ELSE c.collctype::text END AS changes_case_by,
         CASE c.collprovider WHEN 'd' THEN d.j ->> 'datlocale' ELSE to_jsonb(c) ->> 'colllocale' END AS locale,
         CASE c.collprovider WHEN 'd' THEN d.j ->> 'datcollversion' ELSE c.collversion::text END AS version
    FROM pg_catalog.pg_collation c,
         (SELECT to_jsonb(db) AS j FROM pg_catalog.pg_database db WHERE db.datname = current_database()) d
   WHERE c.oid = a.attcollation`;
/** Postgres's own provider ('b') knows no other order than that of code points. */
const CODE_POINT_ORDER = `(col.provider = 'b' OR col.provider = 'c' AND col.sorts_by IN ('C', 'POSIX'))`;
const CASE_LOCALE = `CASE
  WHEN col.provider = 'c' AND col.changes_case_by IN ('C', 'POSIX') THEN 'C'
  WHEN col.provider = 'c' OR col.provider = 'b' AND col.locale = 'C.UTF-8' THEN
    concat_ws(':', current_setting('server_version_num'), col.provider, col.changes_case_by, col.locale, col.version)
  END`;

const TABLE_SQL = `
  SELECT c.oid::int8 AS oid, c.relreplident::text, c.relkind::text, c.relispartition, a.attname::text, a.attnum::int4, a.atttypid::int8 AS atttypid,
         a.atttypmod, a.attnotnull, a.attndims::int4, a.attgenerated <> '' AS generated, d.typname::text, CASE d.typtype WHEN 'd' THEN t.typname::text END AS base, tn.nspname::text AS typschema,
         array_position(i.indkey::int2[], a.attnum) AS key_index,
         (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum e WHERE e.enumtypid = coalesce(el.oid, t.oid)) AS labels,
         t.typtype::text, el.typname::text AS element, eln.nspname::text AS element_schema, col.collname::text AS collation_name,
         coalesce(${CODE_POINT_ORDER}, false) AS code_point_order,
         ${CASE_LOCALE} AS case_locale,
         coalesce(col.collisdeterministic, true) AS deterministic
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type d ON d.oid = a.atttypid
    JOIN pg_catalog.pg_type t ON t.oid = (
           WITH RECURSIVE base AS (
             SELECT d.oid, d.typtype, d.typbasetype
              UNION ALL
             SELECT b.oid, b.typtype, b.typbasetype FROM base JOIN pg_catalog.pg_type b ON b.oid = base.typbasetype)
           SELECT base.oid FROM base WHERE base.typtype <> 'd')
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_type el ON el.typarray = t.oid AND el.oid = t.typelem
    LEFT JOIN pg_catalog.pg_namespace eln ON eln.oid = el.typnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN LATERAL (${COLLATION_SQL}) col ON true
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
   ORDER BY a.attnum`;

/** Reads a table's description from the catalogue; `table_not_found` when there is none. */
export async function loadTableSchema(db: Queryable, schema: string, table: string): Promise<TableSchema> {
  const { rows } = await db.query<ColumnRow>({
    // Prepared: to plan it takes several times as long as to run it.
    name: 'halo_table_schema',
    text: TABLE_SQL,
    values: [schema, table],
  });
  const first = rows[0];
  if (first === undefined) {
    throw new HaloError('table_not_found', `There is no table ${schema}.${table}.`, { status: 400 });
  }
  const columns = await Promise.all(rows.map(async (row) => toColumn(row, await casingOf(db, row))));
  const key = columns.filter((column) => column.keyIndex !== null);
  key.sort((a, b) => (a.keyIndex ?? 0) - (b.keyIndex ?? 0));
  // The driver hands int8 over as text.
  return {
    fingerprint: stableHash(rows),
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

async function casingOf(db: Queryable, row: ColumnRow): Promise<Casing | null> {
  if (row.case_locale === null || row.collation_name === null) return null;
  return row.case_locale === 'C' ? ASCII_CASING : loadCasing(db, row.collation_name, row.case_locale);
}

function toColumn(row: ColumnRow, casing: Casing | null): TableColumn {
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
    domain: row.base !== null,
    scalar: scalarType({ ...row, typname: row.base ?? row.typname }, casing),
  };
}

function scalarType(row: ColumnRow, casing: Casing | null): ScalarType | null {
  const sqlName = `${quoteIdentifier(row.typschema)}.${quoteIdentifier(row.typname)}`;
  // Whether a composite value IS NULL depends on what is in it.
  if (row.typtype === 'c') return null;
  if (row.element !== null) {
    const item = scalarType(
      {
        ...row,
        typname: row.element,
        typschema: row.element_schema ?? '',
        element: null,
      },
      casing,
    );
    return item === null || item.family === 'opaque' ? opaqueType(sqlName) : arrayType(item);
  }
  // Under a nondeterministic collation even equality is not equality of texts.
  if (!row.deterministic) return opaqueType(sqlName);
  if (row.labels !== null) return { family: 'enum', sqlName, labels: row.labels, ordered: true };
  const type = row.typschema === 'pg_catalog' ? builtInType(row.typname) : undefined;
  if (type === undefined) return opaqueType(sqlName);
  if (type.family !== 'text' && type.family !== 'bpchar') return type;
  return textType(collationOf(row, casing), type.family);
}

function collationOf(row: ColumnRow, casing: Casing | null): Collation {
  return {
    name: row.collation_name === '"default"' || row.collation_name === null ? 'default' : row.collation_name,
    ordered: row.code_point_order,
    casing,
  };
}

/** A short hash, the same on every instance. */
export function stableHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
