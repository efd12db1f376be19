import { HaloError } from '../platform/errors.ts';
import { orderBySql } from './order-by.ts';
import { resolveShape, selectSql } from './resolve-shape.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { SubsetQuery } from './shape-engine.ts';
import { subsetFault } from './subset-fault.ts';
import { columnsOf } from './where/condition.ts';
import type { Condition } from './where/condition.ts';
import { conditionSql } from './where/condition-sql.ts';
import { electricWhereText } from './where/where-error.ts';

/**
 * The query of a subset: the shape's own condition and the subset's, both printed from checked trees, so that a
 * subset can only narrow. Conditions and order read no other columns than `subset.columns`, for they would tell of
 * them. Throws `subset_invalid`.
 */
export function subsetSql(shape: ResolvedShape, subset: SubsetQuery, epoch: string): string {
  const { condition, orderBy } = subsetParts(shape, subset, epoch);
  const where = narrowed(shape.condition, condition);
  const select = selectSql(shape.table, shape.columns, where, shape.source.wordBooleans === true);
  const order = orderBy === null ? '' : ` ORDER BY ${orderBy}`;
  const limit = subset.limit === null ? '' : ` LIMIT ${subset.limit}`;
  const offset = subset.offset === null ? '' : ` OFFSET ${subset.offset}`;
  return select + order + limit + offset;
}

/** A subset's own condition and order, printed from checked trees; throws `subset_invalid`. */
export function subsetParts(
  shape: ResolvedShape,
  subset: SubsetQuery,
  epoch: string,
): { readonly condition: string | null; readonly orderBy: string | null } {
  const readable = new Set(subset.columns ?? shape.table.columns.map(({ name }) => name));
  return {
    condition: narrowing(shape, subset, readable, epoch),
    orderBy: subset.orderBy === null ? null : orderBySql(subset.orderBy, readable),
  };
}

/**
 * Both conditions as one. Postgres looks at the cheaper one first, and a subset's that fails on a row (division by zero)
 * would tell of rows that are none of the shape's: it is looked at only where the shape's own holds. Beside a column's
 * comparison with a value nothing is cheaper, and of equals the first comes first.
 */
function narrowed(own: Condition | null, condition: string | null): string | null {
  if (own === null || condition === null) return own === null ? condition : conditionSql(own);
  const first = conditionSql(own);
  if (isCheapest(own)) return `(${first}) AND (${condition})`;
  return `(${first}) AND CASE WHEN (${first}) THEN (${condition}) ELSE false END`;
}

function isCheapest(own: Condition): boolean {
  return own.kind === 'comparison' && own.left.kind === 'column' && own.right.kind === 'constant';
}

function narrowing(
  shape: ResolvedShape,
  { where, params }: SubsetQuery,
  readable: ReadonlySet<string>,
  epoch: string,
): string | null {
  if (where === null) return null;
  const condition = checked(
    () => resolveShape({ ...shape.source, where, params }, shape.table, epoch).condition,
  );
  if (condition === null) return null;
  const hidden = [...columnsOf(condition)].find((name) => !readable.has(name));
  if (hidden !== undefined) throw subsetFault('where', `unknown reference ${hidden}`);
  return conditionSql(condition);
}

/** A fault of the condition is one of the subset's. */
function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof HaloError) || error.code !== 'where_unsupported') throw error;
    throw subsetFault('where', electricWhereText(error));
  }
}
