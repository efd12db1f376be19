import { binaryArithmetic, shift, unaryArithmetic } from './arithmetic.ts';
import { joinArrays } from './array-operation.ts';
import { castTo } from './cast.ts';
import { compare, isComparison } from './check-comparison.ts';
import type { Expression } from './condition.ts';
import { NEGATE_INTERVAL, momentArithmetic } from './moment-arithmetic.ts';
import { FLOAT8, INT4, INTERVAL, TEXT, isNumber, textType } from './scalar-type.ts';
import { callOf, isNull, typeOf, typed, withType } from './term.ts';
import type { Term } from './term.ts';
import { CONCATENATE, isPatternOperator, matches } from './text-operation.ts';
import { implicitly, noOverload, typeOfAll, unify } from './unify.ts';
import { unsupported } from './where-error.ts';

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '#']);
const UNARY: ReadonlySet<string> = new Set(['+', '-', '@', '~', '|/']);

/** `left operator right`, by the operator that Postgres would choose for the types. */
export function binary(operator: string, left: Term, right: Term, position: number | null): Expression {
  if (isComparison(operator)) return compare(operator, left, right, position);
  if (isPatternOperator(operator)) return pattern(operator, left, right, position);
  if (operator === '||') return concatenate(left, right, position);
  if (operator === '<<' || operator === '>>') return shifted(operator, left, right, position);
  if (!ARITHMETIC.has(operator)) throw unsupported(`unknown binary operator "${operator}"`, position);
  const moment = momentArithmetic(operator, left, right);
  if (moment !== undefined) return moment;
  // Two strings say nothing about which numbers they are.
  if (left.kind === 'untyped' && right.kind === 'untyped') throw noOverload(position);
  const sides = unify(left, right, position);
  const operation = binaryArithmetic(operator, sides.type);
  if (operation === undefined) throw noOverload(position);
  return callOf(operation, [sides.left, sides.right], sides.type);
}

/** `operator value`. */
export function unary(operator: string, value: Term, position: number | null): Expression {
  if (!UNARY.has(operator)) throw unsupported(`unknown unary operator "${operator}"`, position);
  const type = value.kind === 'typed' ? typeOf(value.expression) : FLOAT8;
  if (type.family === 'interval' && operator === '-') {
    return callOf(NEGATE_INTERVAL, [implicitly(value, INTERVAL)], INTERVAL);
  }
  if (!isNumber(type)) throw noOverload(position);
  const target = operator === '|/' ? FLOAT8 : type;
  const operation = unaryArithmetic(operator, target);
  if (operation === undefined || (value.kind === 'untyped' && operator === '~')) throw noOverload(position);
  return callOf(operation, [implicitly(value, target)], target);
}

function shifted(operator: '<<' | '>>', left: Term, right: Term, position: number | null): Expression {
  if (left.kind === 'untyped') throw noOverload(position);
  const type = typeOf(left.expression);
  const count = withType(right, INT4);
  if (type.family !== 'integer' || typeOf(count).family !== 'integer' || typeOf(count).bits === 64) {
    throw noOverload(position);
  }
  if (isNull(count)) return withType({ kind: 'untyped', text: null, position }, type);
  const known = count.kind === 'constant' ? shift(operator, type.bits!, Number(count.text)) : undefined;
  if (known !== undefined) return callOf(known, [left.expression], type);
  throw unsupported(`operator "${operator}" takes a constant from 0 to ${type.bits! - 1} here`, position);
}

function pattern(operator: string, left: Term, right: Term, position: number | null): Expression {
  const sides = unify(left, right, position);
  if (sides.type.family !== 'text') throw noOverload(position);
  return matches(operator, sides.type, [sides.left, sides.right], position);
}

/** One side is text; the other is, or has the text that a cast gives it. */
function concatenate(left: Term, right: Term, position: number | null): Expression {
  if ([left, right].some((side) => side.kind === 'typed' && typeOf(side.expression).family === 'array')) {
    return joinArrays(left, right, position);
  }
  const [a, b] = [asText(left), asText(right)];
  if (a === undefined || b === undefined || !(isText(left) || isText(right))) throw noOverload(position);
  const type = typeOfAll(
    [a, b].map((each) => typed(each, position)),
    position,
  );
  return callOf(CONCATENATE, [a, b], type);
}

function isText(term: Term): boolean {
  return term.kind === 'untyped' || typeOf(term.expression).collation !== undefined;
}

/** Blanks at the end of a `char(n)` are lost on the way. */
function asText(term: Term): Expression | undefined {
  const { collation } = term.kind === 'typed' ? typeOf(term.expression) : TEXT;
  return castTo(withType(term, TEXT), collation === undefined ? TEXT : textType(collation));
}
