import { constantBeside, positionOf, rawOperand, resolveColumn } from './check-operand.ts';
import type { RawOperand, Scope } from './check-operand.ts';
import type { ComparisonOperator, Condition, ConditionColumn, Operand } from './condition.ts';
import { isNode, nodeAt, parseWhere } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { unsupported } from './where-error.ts';

const OPERATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
/** Deeper nesting than this is refused: it would overflow the stack before it meant anything. */
const MAX_DEPTH = 100;

/** Parses and checks a where-clause; throws `where_unsupported` for what cannot be evaluated exactly. */
export function checkWhere(clause: string, scope: Scope): Condition {
  return checkNode(parseWhere(clause), scope, 0);
}

function checkNode(node: unknown, scope: Scope, depth: number): Condition {
  if (depth > MAX_DEPTH) throw unsupported('The where-clause is nested too deeply.', positionOf(node));
  const bool = nodeAt(node, 'BoolExpr');
  if (bool !== undefined) return booleanExpression(bool, scope, depth);
  const nullTest = nodeAt(node, 'NullTest');
  if (nullTest !== undefined) return nullTestCondition(nullTest, scope);
  const expression = nodeAt(node, 'A_Expr');
  if (expression !== undefined) return operatorExpression(expression, node, scope);
  return bareValue(rawOperand(node, scope), node);
}

function booleanExpression(node: ParseNode, scope: Scope, depth: number): Condition {
  const args = Array.isArray(node['args']) ? node['args'] : [];
  const parts = args.map((arg) => checkNode(arg, scope, depth + 1));
  switch (node['boolop']) {
    case 'AND_EXPR':
      return { kind: 'and', parts };
    case 'OR_EXPR':
      return { kind: 'or', parts };
    default:
      return { kind: 'not', part: parts[0]! };
  }
}

function nullTestCondition(node: ParseNode, scope: Scope): Condition {
  const reference = nodeAt(node['arg'], 'ColumnRef');
  if (reference === undefined) {
    throw unsupported('IS NULL is supported on columns only.', positionOf(node['arg']));
  }
  const column = resolveColumn(reference, scope);
  return { kind: 'is_null', column, negated: node['nulltesttype'] === 'IS_NOT_NULL' };
}

function operatorExpression(node: ParseNode, whole: unknown, scope: Scope): Condition {
  const names = Array.isArray(node['name']) ? node['name'] : [];
  const operator = nodeAt(names[0], 'String')?.['sval'];
  if (names.length !== 1 || typeof operator !== 'string' || !OPERATORS.has(operator)) {
    throw unsupported(`Operator ${String(operator)} is not supported.`, positionOf(whole));
  }
  if (node['kind'] === 'AEXPR_IN') return inCondition(node, operator, scope, whole);
  if (node['kind'] !== 'AEXPR_OP' || node['lexpr'] === undefined) {
    throw unsupported('This form of expression is not supported.', positionOf(whole));
  }
  const left = rawOperand(node['lexpr'], scope);
  const right = rawOperand(node['rexpr'], scope);
  return compare(operator as ComparisonOperator, left, right, positionOf(whole));
}

/** `x IN (a, b)` is `x = a OR x = b`, and NOT IN its negation, unknown values included. */
function inCondition(node: ParseNode, operator: string, scope: Scope, whole: unknown): Condition {
  const items = nodeAt(node['rexpr'], 'List')?.['items'];
  if (!Array.isArray(items)) throw unsupported('IN takes a list of values.', positionOf(whole));
  const left = rawOperand(node['lexpr'], scope);
  const parts = items.map((item) => compare('=', left, rawOperand(item, scope), positionOf(item)));
  const any: Condition = { kind: 'or', parts };
  return operator === '<>' ? { kind: 'not', part: any } : any;
}

function compare(
  operator: ComparisonOperator,
  left: RawOperand,
  right: RawOperand,
  position: number | null,
): Condition {
  const column = left.kind === 'column' ? left.column : right.kind === 'column' ? right.column : undefined;
  if (column === undefined) throw unsupported('A comparison needs a column on one side.', position);
  // Whatever is compared with NULL, the verdict is unknown.
  if (left.kind === 'null' || right.kind === 'null') return { kind: 'literal', value: null };
  const sides = [constantBeside(left, column), constantBeside(right, column)] as const;
  requireComparable(operator, sides, column, position);
  return { kind: 'comparison', operator, left: sides[0], right: sides[1] };
}

function requireComparable(
  operator: ComparisonOperator,
  sides: readonly [Operand, Operand],
  column: ConditionColumn,
  position: number | null,
): void {
  const columns = sides.flatMap((side) => (side.kind === 'column' ? [side.column] : []));
  for (const other of columns) {
    const sameEnum = other.type.family !== 'enum' || other.type.sqlName === column.type.sqlName;
    const sameCollation = other.type.ordered === column.type.ordered;
    if (other.type.family !== column.type.family || !sameEnum || !sameCollation) {
      throw unsupported(`Columns ${column.name} and ${other.name} cannot be compared.`, position);
    }
  }
  const equality = operator === '=' || operator === '<>';
  if (!equality && columns.some((each) => !each.type.ordered)) {
    throw unsupported(`The order of column ${column.name} depends on its collation or type.`, position);
  }
}

/** A condition that is a value: a boolean column, or the constants true, false and NULL. */
function bareValue(raw: RawOperand, node: unknown): Condition {
  if (raw.kind === 'boolean') return { kind: 'literal', value: raw.value };
  if (raw.kind === 'null') return { kind: 'literal', value: null };
  if (raw.kind === 'column' && raw.column.type.family === 'boolean') {
    const yes = { kind: 'constant', type: raw.column.type, text: 't' } as const;
    return { kind: 'comparison', operator: '=', left: raw, right: yes };
  }
  throw unsupported('A condition must be true or false.', isNode(node) ? positionOf(node) : null);
}
