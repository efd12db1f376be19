import type { ZodType } from 'zod';
import type { Role } from '../protocol/auth.ts';

/** Postgres types that catalogue columns may have. */
export type ColumnType =
  'uuid' | 'text' | 'int2' | 'int4' | 'int8' | 'float8' | 'bool' | 'timestamptz' | 'jsonb';

export interface ShapeColumn {
  readonly name: string;
  /** Type on the replica; the server's enumerations are `text` there. */
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Where a value of the where-clause comes from: a declared parameter, or the caller's own account. */
export type WhereValue = { readonly param: string } | { readonly caller: 'userId' };

/**
 * A named, filtered, column-projected subset of one table, and who may read it. `where` uses $1, $2, … for
 * `values`, so that a client can choose a parameter's value and never the condition itself.
 */
export interface ShapeDefinition {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly ShapeColumn[];
  /** Names of the primary key's columns, among `columns`. */
  readonly key: readonly string[];
  /** Columns of each index that the replica's table has besides its key's, for what apps ask of it. */
  readonly indexes?: readonly (readonly string[])[];
  readonly where: string | null;
  readonly values: readonly WhereValue[];
  /** Declared parameters and the values they accept. */
  readonly params: Readonly<Record<string, ZodType<string>>>;
  readonly readers: readonly Role[];
  /** True when rows belong to one person: answered `private, no-store`. */
  readonly personal: boolean;
}

/** Shorthand for a column. */
export function column(
  name: string,
  type: ColumnType,
  nullable: 'not null' | 'null' = 'not null',
): ShapeColumn {
  return { name, type, nullable: nullable === 'null' };
}
