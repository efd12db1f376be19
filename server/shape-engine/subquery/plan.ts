import { HaloError } from '../../platform/errors.ts';
import type { InnerTables, ResolvedShape } from '../resolve-shape.ts';
import { stableHash } from '../table-schema.ts';
import type { TableColumn, TableSchema } from '../table-schema.ts';
import { columnsOf } from '../where/condition.ts';
import type { Condition, Expression, InnerQuery } from '../where/condition.ts';
import { unsupported } from '../where/where-error.ts';
import { normalForm } from './normal-form.ts';
import type { NormalForm } from './normal-form.ts';

/** Subqueries of one shape, at most. */
const MAX_QUERIES = 16;

/** One query of a shape, its own or a subquery: rows of a table under a condition. */
export interface QueryPlan {
  /** Place among the plan's queries; a subquery stands before the query that it is a part of. */
  readonly index: number;
  readonly table: TableSchema;
  /** Columns of which the query's rows consist here, in the table's order. */
  readonly used: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** Whoever asked for all columns gets those that are added, too. */
  readonly all: boolean;
  readonly condition: Condition | null;
  /** The condition's normal form. */
  readonly form: NormalForm | null;
  /** The query of each literal that is a subquery, null for the others. */
  readonly inner: readonly (QueryPlan | null)[];
  /** What a row gives to the query that this one is a part of; of the shape's own query nothing. */
  readonly values: readonly Expression[];
}

/** A shape with subqueries. */
export interface ShapePlan {
  readonly shape: ResolvedShape;
  /** Subqueries first; the last is the shape's own query. */
  readonly queries: readonly QueryPlan[];
  readonly own: QueryPlan;
  /** Computed alike wherever the definition and the tables are the same. */
  readonly identity: string;
}

/** Plans a shape whose condition has subqueries; throws `where_unsupported`. */
export function planShape(shape: ResolvedShape, tables: InnerTables): ShapePlan {
  const queries: QueryPlan[] = [];
  const plan = (
    table: TableSchema,
    condition: Condition | null,
    values: readonly Expression[],
    sent: readonly TableColumn[] | null,
  ): QueryPlan => {
    const form = condition === null ? null : normalForm(condition);
    const inner = (form?.literals ?? []).map((each) =>
      each.kind === 'in_query' ? planInner(each.query) : null,
    );
    const follows = sent !== null || inner.some((each) => each !== null);
    if (follows && table.key.length === 0) {
      throw unsupported(`Table ${table.table} needs a primary key for a subquery in its condition.`, null);
    }
    const key = table.key;
    const read = new Set([...(condition === null ? [] : columnsOf(condition)), ...values.flatMap(namesIn)]);
    const used = table.columns.filter(
      (each) => sent?.includes(each) === true || key.includes(each) || read.has(each.name),
    );
    refuseGenerated(table, used);
    const all = sent !== null && shape.source.columns === null;
    const made: QueryPlan = { index: queries.length, table, used, key, all, condition, form, inner, values };
    queries.push(made);
    if (queries.length > MAX_QUERIES + 1) throw unsupported('There are too many subqueries.', null);
    return made;
  };
  const planInner = ({ schema, table, values, condition }: InnerQuery) =>
    plan(tables(schema, table)!, condition, values, null);
  const own = plan(shape.table, shape.condition, [], shape.columns);
  return { shape, queries, own, identity: identityOf(shape, queries) };
}

function namesIn(expression: Expression): string[] {
  return [...columnsOf(expression)];
}

/** The WAL does not bring generated columns. */
function refuseGenerated({ table }: TableSchema, used: readonly TableColumn[]): void {
  const generated = used.find((column) => column.generated);
  if (generated === undefined) return;
  throw new HaloError('where_unsupported', `Column ${generated.name} of ${table} is generated.`, {
    status: 400,
    field: 'where',
    hint: 'docs/where-clauses.md lists what a condition may consist of.',
  });
}

/** Labels of an enumeration: their order may be part of what a condition says, and no other is understood. */
function labelsOf({ scalar }: TableColumn): readonly string[] | undefined {
  return (scalar?.element ?? scalar)?.labels;
}

function identityOf(shape: ResolvedShape, queries: readonly QueryPlan[]): string {
  const tables = queries.map(({ table, used, key }) => [
    table.oid,
    table.schema,
    table.table,
    key.map(({ name }) => name),
    used.map((each) => [each.name, each.number, each.typeOid, each.typeModifier]),
  ]);
  // Those of the shape's own table are in its hash.
  const labels = queries.slice(0, -1).map(({ used }) => used.map(labelsOf));
  return stableHash([shape.hash, tables, labels]);
}
