import { comparable } from './check-comparison.ts';
import { columnTerm } from './check-reference.ts';
import type { InnerScope, Scope } from './check-reference.ts';
import type { Condition, Expression } from './condition.ts';
import { clausePosition, nodeAt, rangeName } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import type { Family, ScalarType } from './scalar-type.ts';
import { typeOf } from './term.ts';
import type { Term } from './term.ts';
import { commonType } from './unify.ts';
import { unsupported } from './where-error.ts';

/** What a subquery may consist of. */
const PLAIN_SELECT = new Set(['targetList', 'fromClause', 'whereClause', 'limitOption', 'op']);
/** Families whose values can be told apart by a text (`value-key.ts`). */
const COMPARED: ReadonlySet<Family> = new Set<Family>([
  'integer',
  'numeric',
  'float',
  'text',
  'uuid',
  'boolean',
  'timestamptz',
  'timestamp',
  'date',
  'time',
  'enum',
]);

/** `left IN (SELECT columns FROM table WHERE …)`; `check` checks the clause within. Refusals in Electric's words. */
export function inQuery(
  node: ParseNode,
  left: () => readonly Term[],
  position: number | null,
  scope: Scope,
  check: (where: unknown, scope: Scope) => Condition,
): Condition {
  const select = nodeAt(node['subselect'], 'SelectStmt') ?? {};
  if (select['op'] !== 'SETOP_NONE' || Object.keys(select).some((key) => !PLAIN_SELECT.has(key))) {
    throw unsupported('SELECT statement must not contain any clauses', null);
  }
  const columns = targetsOf(select);
  const inner = innerScope(select, position, scope);
  const targets = columns.map((column) => columnTerm(column, inner));
  if (node['subLinkType'] !== 'ANY_SUBLINK' || node['operName'] !== undefined) {
    throw unsupported('only `value IN (SELECT ...)` sublinks are supported right now', position);
  }
  const sides = left();
  if (sides.length !== targets.length) {
    throw unsupported('the left side of `IN (SELECT ...)` has another number of columns', position);
  }
  const pairs = sides.map((side, i) => pairOf(side, targets[i]!, position));
  const { from } = inner;
  const where = select['whereClause'];
  return {
    kind: 'in_query',
    left: pairs.map(([each]) => each),
    query: {
      ...rangeName(rangeOf(select, position)),
      from,
      values: pairs.map(([, each]) => each),
      condition: where === undefined ? null : check(where, inner),
    },
  };
}

function rangeOf(select: ParseNode, position: number | null): ParseNode {
  const tables = Array.isArray(select['fromClause']) ? select['fromClause'] : [];
  const range = nodeAt(tables[0], 'RangeVar');
  if (tables.length === 1 && range !== undefined) return range;
  // Electric gives no place for more than one table.
  throw unsupported('Expected a single table reference', tables.length === 0 ? position : null);
}

/** A subquery's table goes by its alias where it has one. */
function innerScope(select: ParseNode, position: number | null, scope: Scope): InnerScope {
  const range = rangeOf(select, position);
  if (scope.inner === undefined) throw unsupported('Subqueries are not supported here.', position);
  const { schema, table } = rangeName(range);
  const found = scope.inner(schema, table, position);
  const alias = nodeAt(range['alias'])?.['aliasname'];
  if (nodeAt(range['alias'])?.['colnames'] !== undefined) {
    throw unsupported('A table of a subquery cannot have other names for its columns.', position);
  }
  // With an alias the table's own name, and its schema's, mean nothing any more.
  return typeof alias === 'string' ? { ...found, schema: '', table: alias } : found;
}

function targetsOf(select: ParseNode): readonly ParseNode[] {
  const targets: unknown[] = Array.isArray(select['targetList']) ? select['targetList'] : [];
  return targets.map((target) => {
    const result = nodeAt(target, 'ResTarget');
    const column = nodeAt(result?.['val'], 'ColumnRef');
    const fields: unknown[] = Array.isArray(column?.['fields']) ? column['fields'] : [];
    if (column === undefined || nodeAt(fields.at(-1), 'String') === undefined) {
      const position = clausePosition(result?.['location']);
      // Electric counts from the beginning of its statement here.
      throw unsupported('Expected a plain column reference', position, { syntax: true });
    }
    return column;
  });
}

function pairOf(left: Term, right: Term, position: number | null): readonly [Expression, Expression] {
  const type = typeOfTerm(right)!;
  const own = typeOfTerm(left) ?? type;
  const common = commonType(own, type);
  if (common === undefined) {
    throw unsupported(
      `left side of \`IN (SELECT ...)\` has type ${own.sqlName} but subquery returns ${type.sqlName}[]`,
      position,
    );
  }
  if (!COMPARED.has(common.family)) {
    throw unsupported(`Values of type ${common.sqlName} are not supported with a subquery.`, position);
  }
  return comparable(left, right, true, position);
}

function typeOfTerm(term: Term): ScalarType | undefined {
  return term.kind === 'typed' ? typeOf(term.expression) : undefined;
}
