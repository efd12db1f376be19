import type { ShapeColumn, ShapeDefinition } from './shape.ts';

/** Schema of the replica that holds rows as the server sent them. */
export const SYNCED_SCHEMA = 'synced';

/** The DDL of one shape's table on the replica, derived from the catalogue. */
export function replicaTableSql(shape: ShapeDefinition): string {
  const columns = shape.columns.map(columnSql);
  const key = shape.key.map(quoteIdentifier).join(', ');
  return `CREATE TABLE ${replicaTableName(shape)} (\n  ${[...columns, `PRIMARY KEY (${key})`].join(',\n  ')}\n)`;
}

/** The DDL of the indexes that a shape's table has on the replica besides its key's. */
export function replicaIndexSql(shape: ShapeDefinition): string {
  const indexes = (shape.indexes ?? []).map((columns) => columns.map(quoteIdentifier).join(', '));
  return indexes.map((columns) => `CREATE INDEX ON ${replicaTableName(shape)} (${columns})`).join(';\n');
}

/** The quoted, schema-qualified name of a shape's table on the replica. */
export function replicaTableName(shape: Pick<ShapeDefinition, 'name'>): string {
  return `${quoteIdentifier(SYNCED_SCHEMA)}.${quoteIdentifier(shape.name)}`;
}

/** Quotes an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text that changes whenever the replica's tables would: a replica built from another one is rebuilt.
 */
export function replicaSchemaVersion(shapes: readonly ShapeDefinition[]): string {
  const tables = shapes.map((shape) => `${replicaTableSql(shape)};\n${replicaIndexSql(shape)}`);
  return tables.toSorted().join(';\n');
}

function columnSql(column: ShapeColumn): string {
  return `${quoteIdentifier(column.name)} ${column.type}${column.nullable ? '' : ' NOT NULL'}`;
}
