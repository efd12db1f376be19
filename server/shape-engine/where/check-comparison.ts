import { castTo } from './cast.ts';
import type { ComparisonOperator, Condition, Expression } from './condition.ts';
import { isMoment } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { isNull, typeOf, typed, withType } from './term.ts';
import type { Term } from './term.ts';
import { implicitly, typeOfAll, typeOfChoice } from './unify.ts';
import { unsupported } from './where-error.ts';

const OPERATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Whether an operator compares. */
export function isComparison(operator: string): operator is ComparisonOperator {
  return OPERATORS.has(operator);
}

/** `left operator right`. */
export function compare(
  operator: ComparisonOperator,
  left: Term,
  right: Term,
  position: number | null,
): Condition {
  const sides = comparable(left, right, operator === '=' || operator === '<>', position);
  // Whatever is compared with NULL, the verdict is unknown.
  if (sides.some(isNull)) return { kind: 'literal', value: null };
  return { kind: 'comparison', operator, left: sides[0], right: sides[1] };
}

/** `left IS [NOT] DISTINCT FROM right`; `negated` is what says NOT. */
export function distinct(left: Term, right: Term, negated: boolean, position: number | null): Condition {
  const sides = comparable(left, right, true, position);
  return { kind: 'distinct', left: sides[0], right: sides[1], negated };
}

/** One of the values in the parentheses of an IN; `readsRow` where a column stands anywhere in it. */
export interface ListItem {
  readonly term: Term;
  readonly readsRow: boolean;
}

/**
 * `x IN (a, b)` is `x = a OR x = b`, and NOT IN its negation, unknown values included. Postgres compares `x` one by one
 * with what reads a column. All others, if more than one, it makes an array of, and they share one type with `x`:
 * `'0' IN ('0.00', 1.5)` holds (transformAExprIn in its parse_expr.c).
 */
export function among(left: Term, items: readonly ListItem[], negated: boolean): Condition {
  const fixed = items.flatMap(({ term, readsRow }) => (readsRow ? [] : [term]));
  const type = fixed.length > 1 ? typeOfChoice([left, ...fixed], left.position) : null;
  const shared = type && (left.kind === 'untyped' ? typed(withType(left, type), left.position) : left);
  const parts = items.map(({ term, readsRow }) => {
    const { position } = term;
    if (type === null || shared === null || readsRow) return compare('=', left, term, position);
    return compare('=', shared, typed(side(term, type), position), position);
  });
  const any: Condition = parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  return negated ? { kind: 'not', part: any } : any;
}

/** `x BETWEEN low AND high`, with the bounds in either order when `symmetric`. */
export function between(
  value: Term,
  low: Term,
  high: Term,
  symmetric: boolean,
  position: number | null,
): Condition {
  const within = (from: Term, to: Term): Condition => ({
    kind: 'and',
    parts: [compare('>=', value, from, position), compare('<=', value, to, position)],
  });
  const straight = within(low, high);
  return symmetric ? { kind: 'or', parts: [straight, within(high, low)] } : straight;
}

/** greatest(…) and least(…). */
export function extreme(
  which: 'greatest' | 'least',
  terms: readonly Term[],
  position: number | null,
): Expression {
  const type = typeOfChoice(terms, position);
  requireOrder(type, position);
  return { kind: 'extreme', which, parts: terms.map((each) => implicitly(each, type)), type };
}

/** Both sides as values that can be compared; throws where Postgres has no such operator. */
export function comparable(
  left: Term,
  right: Term,
  equality: boolean,
  position: number | null,
): readonly [Expression, Expression] {
  const type = typeOfAll([left, right], position);
  if (!equality) requireOrder(type, position);
  return [side(left, type), side(right, type)];
}

/** Integers of all sizes, and dates with times, are compared as they are. */
function side(term: Term, type: ScalarType): Expression {
  const expression = withType(term, type);
  const own = typeOf(expression);
  if (expression.kind === 'constant' && own.family === 'integer')
    return castTo(expression, type) ?? expression;
  if (own.family === 'integer' && type.family === 'integer') return expression;
  return isMoment(own) ? expression : implicitly(term, type);
}

function requireOrder(type: ScalarType, position: number | null): void {
  if (type.ordered) return;
  throw unsupported(`The order of ${type.sqlName} values depends on their type or collation.`, position);
}
