import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import { HaloError } from '../platform/errors.ts';
import type { ShapeSource } from './shape-engine.ts';
import { schemaHeader } from './schema-header.ts';
import { stableHash } from './table-schema.ts';
import type { TableColumn, TableSchema } from './table-schema.ts';
import type { Scope } from './where/check-reference.ts';
import { checkWhere } from './where/check-where.ts';
import { columnsOf } from './where/condition.ts';
import type { Condition } from './where/condition.ts';
import { conditionSql } from './where/condition-sql.ts';
import { equalitiesOf } from './where/equalities.ts';
import type { Equalities } from './where/equalities.ts';
import type { ScalarType } from './where/scalar-type.ts';
import { unsupported } from './where/where-error.ts';

/** Changes whenever the same definition would give other messages. */
const IDENTITY_VERSION = 2;

/** Subqueries within subqueries, at most. */
const MAX_INNER_LEVELS = 4;

/** Finds the description of a table that a subquery reads. */
export type InnerTables = (schema: string, table: string) => TableSchema | undefined;

/** A shape's definition with all its names resolved against one description of the table. */
export interface ResolvedShape {
  /** Computed alike on every instance: definition, schema of the columns used, epoch of the log. */
  readonly hash: string;
  readonly epoch: string;
  /** Shapes with the same projection send a row's change in the same bytes. */
  readonly projection: string;
  readonly source: ShapeSource;
  readonly table: TableSchema;
  readonly columns: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** Columns sent and columns that the condition reads. */
  readonly used: readonly TableColumn[];
  readonly condition: Condition | null;
  readonly equalities: Equalities | null;
  /** The query whose rows the snapshot holds. */
  readonly selectSql: string;
  readonly schemaHeader: string;
}

/**
 * Resolves a definition; throws `column_not_found`, `where_unsupported`, `replica_identity_not_full`. A condition with
 * subqueries needs the descriptions of their tables.
 */
export function resolveShape(
  source: ShapeSource,
  table: TableSchema,
  epoch: string,
  inner?: InnerTables,
): ResolvedShape {
  requireFollowable(table);
  // A table without a key is keyed by all its columns.
  const key = table.key.length > 0 ? table.key : table.columns;
  const missing = key.find(({ name }) => source.columns?.includes(name) === false);
  if (missing !== undefined) {
    throw new HaloError('key_not_selected', `Column ${missing.name} of the key is not among the columns.`, {
      status: 400,
      field: 'columns',
      details: { column: missing.name },
    });
  }
  const columns = source.columns === null ? table.columns : source.columns.map((name) => find(table, name));
  refuseGenerated(columns);
  const condition =
    source.where === null ? null : checkWhere(source.where, scopeOf(source.params, table, inner));
  const where = condition === null ? null : conditionSql(condition);
  const read = condition === null ? new Set<string>() : columnsOf(condition);
  const used = table.columns.filter((each) => columns.includes(each) || read.has(each.name));
  return {
    hash: identity(source, table, columns, used, where, labelsOf(table, read), epoch),
    epoch,
    projection: projectionOf(source, table, columns, key),
    source,
    table,
    columns,
    key,
    used,
    condition,
    equalities: equalitiesOf(condition),
    selectSql: selectSql(table, columns, where, source.wordBooleans === true),
    schemaHeader: schemaHeader(columns),
  };
}

/** Whether a shape would be the same one with the table and the log as they are now. */
export function isCurrent(shape: ResolvedShape, table: TableSchema, epoch: string): boolean {
  if (shape.epoch !== epoch) return false;
  if (shape.table.fingerprint === table.fingerprint) return true;
  return resolveShape(shape.source, table, epoch).hash === shape.hash;
}

/** Refuses a table whose changes do not tell all that a shape needs. */
function requireFollowable(table: TableSchema): void {
  if (!table.identityFull) {
    throw new HaloError('replica_identity_not_full', `Changes of ${table.table} do not tell the old row.`, {
      hint: `ALTER TABLE ${table.schema}.${table.table} REPLICA IDENTITY FULL;`,
    });
  }
  if (table.partition) {
    throw new HaloError('table_is_partition', `Table ${table.table} is a partition of another one.`, {
      status: 400,
      field: 'table',
      hint: 'Follow the table that it is a part of, with a condition.',
    });
  }
}

/** The WAL does not bring generated columns: a snapshot would show what no change could bring up to date. */
function refuseGenerated(columns: readonly TableColumn[]): void {
  const names = columns.filter(({ generated }) => generated).map(({ name }) => name);
  if (names.length === 0) return;
  throw new HaloError('column_generated', `Generated columns cannot be followed: ${names.join(', ')}.`, {
    status: 400,
    field: 'columns',
    hint: 'Name the other columns.',
    details: { columns: names },
  });
}

function projectionOf(
  source: ShapeSource,
  table: TableSchema,
  columns: readonly TableColumn[],
  key: readonly TableColumn[],
): string {
  const [sent, keyed] = [columns, key].map((each) => each.map(({ name }) => name));
  return stableHash([table.oid, table.schema, table.table, sent, keyed, source.replica]);
}

function identity(
  source: ShapeSource,
  table: TableSchema,
  columns: readonly TableColumn[],
  used: readonly TableColumn[],
  where: string | null,
  labels: readonly (readonly string[])[],
  epoch: string,
): string {
  // Columns that the shape does not use may come and go without disturbing anyone.
  const schema = used.map((each) => [each.name, each.number, each.typeOid, each.typeModifier, each.keyIndex]);
  const names = columns.map((each) => each.name);
  return stableHash([
    IDENTITY_VERSION,
    epoch,
    table.oid,
    table.schema,
    table.table,
    schema,
    names,
    where,
    source.replica,
    // Only where it is not the rule, so that handles given before there was a choice stay good.
    ...(source.wordBooleans === true ? ['word booleans'] : []),
    ...(source.log === 'changes_only' ? [source.log] : []),
    ...(labels.length > 0 ? [labels] : []),
  ]);
}

/** Labels of the enumerations that a condition reads: their order may be part of what it says. */
function labelsOf(table: TableSchema, read: ReadonlySet<string>): (readonly string[])[] {
  return table.columns.flatMap(({ name, scalar }) => {
    const labels = (scalar?.element ?? scalar)?.labels;
    return labels !== undefined && read.has(name) ? [labels] : [];
  });
}

/** The query for a table's rows under a condition that is SQL already. */
export function selectSql(
  table: TableSchema,
  columns: readonly TableColumn[],
  where: string | null,
  wordBooleans: boolean,
): string {
  const names = columns.map(({ name, typeName }) => {
    const quoted = quoteIdentifier(name);
    return wordBooleans && typeName === 'bool' ? `${quoted}::text AS ${quoted}` : quoted;
  });
  const filter = where === null ? '' : ` WHERE ${where}`;
  return `SELECT ${names.join(', ')} FROM ${fromSql(table)}${filter}`;
}

/** What a query of the table's own rows reads from. */
export function fromSql(table: TableSchema): string {
  // The changes of tables that inherit from it are told as theirs; those of partitions are told as its own.
  return `${table.partitioned ? '' : 'ONLY '}${quotedTable(table)}`;
}

/** The table's name, quoted and qualified. */
export function quotedTable(table: Pick<TableSchema, 'schema' | 'table'>): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.table)}`;
}

/** What names mean in a condition on a table, and in the subqueries that it may have. */
export function scopeOf(
  params: readonly string[],
  table: TableSchema,
  inner?: InnerTables,
  level = 0,
): Scope {
  const scope: Scope = {
    schema: table.schema,
    table: table.table,
    params,
    column(name: string) {
      const column = table.columns.find((each) => each.name === name);
      if (column === undefined) return undefined;
      if (column.scalar === null) return 'unsupported' as const;
      return { name, type: column.scalar, domain: column.domain };
    },
    type: (name: readonly string[]) => enumeration(table, name),
  };
  if (inner === undefined) return scope;
  return {
    ...scope,
    inner(schema, name, position) {
      const found = inner(schema, name);
      if (found === undefined) throw unsupported(`unknown table ${schema}.${name}`, position);
      if (level === MAX_INNER_LEVELS) throw unsupported('Subqueries are nested too deeply.', position);
      requireFollowable(found);
      return { ...scopeOf(params, found, inner, level + 1), from: fromSql(found) };
    },
  };
}

/** An enumeration of one of the table's columns, by its name with or without its schema. */
function enumeration(table: TableSchema, name: readonly string[]): ScalarType | undefined {
  const written = name.map(quoteIdentifier).join('.');
  const types = table.columns.flatMap(({ scalar }) => (scalar === null ? [] : [scalar.element ?? scalar]));
  const named = types.filter(({ family, sqlName }) => {
    return family === 'enum' && (sqlName === written || sqlName.endsWith(`.${written}`));
  });
  // A name that two schemas have says nothing.
  return named.every(({ sqlName }) => sqlName === named[0]?.sqlName) ? named[0] : undefined;
}

function find(table: TableSchema, name: string): TableColumn {
  const column = table.columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new HaloError('column_not_found', `Table ${table.table} has no column ${name}.`, {
    status: 400,
    field: 'columns',
    details: { column: name },
  });
}
