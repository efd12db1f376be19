import type { LogColumn, LogRelation, Tuple } from '../change-log/change-log.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { TableColumn } from './table-schema.ts';
import { compilePredicate } from './where/predicate.ts';

/** Where a shape's columns stand in a row. */
export interface RowPlaces {
  /** Index in the row of each column of the shape. */
  readonly columns: readonly number[];
  /** Index in the row of each column of the key. */
  readonly key: readonly number[];
}

/** The same in the rows of one version of its table. */
export interface RowBinding extends RowPlaces {
  readonly relation: LogRelation;
  /** Whether the row belongs to the shape. */
  includes(row: Tuple): boolean;
}

/**
 * Binds a shape to a relation as the log describes it; null when the table is another than the shape's or has another
 * key, or when its changes no longer bring the whole old row: a move out of the filter could not be told from no move.
 */
export function bindRows(shape: ResolvedShape, relation: LogRelation): RowBinding | null {
  const { oid, schema, table } = shape.table;
  if (relation.oid !== oid || relation.schema !== schema || relation.table !== table) return null;
  if (!hasFullIdentity(relation) || !hasKey(relation, shape.table.key)) return null;
  // Whoever asked for all columns gets those that are added, too.
  if (shape.source.columns === null && relation.columns.length !== shape.columns.length) return null;
  const indexes = new Map(relation.columns.map((column, index) => [column.name, index]));
  for (const column of shape.used) {
    if (!isColumn(relation.columns[indexes.get(column.name) ?? -1], column)) return null;
  }
  const indexOf = (name: string) => indexes.get(name) ?? -1;
  const predicate = shape.condition === null ? null : compilePredicate(shape.condition, indexOf);
  return {
    relation,
    columns: shape.columns.map((column) => indexOf(column.name)),
    key: shape.key.map((column) => indexOf(column.name)),
    includes: predicate === null ? () => true : (row) => predicate(row) === true,
  };
}

/** Whether what the log describes under a column's name is that column. */
export function isColumn(described: LogColumn | undefined, column: TableColumn): boolean {
  if (described?.typeOid !== column.typeOid || described.typeModifier !== column.typeModifier) return false;
  return described.number === undefined || described.number === column.number;
}

/** Whether a relation has this primary key, as far as that is known. */
export function hasKey(relation: LogRelation, key: readonly TableColumn[]): boolean {
  if (relation.columns.some(({ keyIndex }) => keyIndex === undefined)) return true;
  const keyed = relation.columns.filter(({ keyIndex }) => keyIndex !== null);
  if (keyed.length !== key.length) return false;
  return keyed.every(({ name, keyIndex }) => key[keyIndex!]?.name === name);
}

/** Whether an update or a delete brings the whole row as it was. */
export function hasFullIdentity(relation: LogRelation): boolean {
  return relation.columns.every(({ identity }) => identity);
}

/** True when two descriptions of a relation say the same. */
export function sameRelation(a: LogRelation, b: LogRelation): boolean {
  if (a === b) return true;
  if (a.oid !== b.oid || a.schema !== b.schema || a.table !== b.table) return false;
  if (a.columns.length !== b.columns.length) return false;
  return a.columns.every((column, i) => {
    const other = b.columns[i]!;
    const sameType = column.typeOid === other.typeOid && column.typeModifier === other.typeModifier;
    const samePlace = column.number === other.number && column.keyIndex === other.keyIndex;
    return column.name === other.name && column.identity === other.identity && sameType && samePlace;
  });
}
