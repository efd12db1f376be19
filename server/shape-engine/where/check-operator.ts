import { binaryArithmetic, unaryArithmetic } from './arithmetic.ts';
import { castTo } from './cast.ts';
import { compare, isComparison } from './check-comparison.ts';
import type { Expression } from './condition.ts';
import { dayArithmetic } from './day-arithmetic.ts';
import { FLOAT8, TEXT, isNumber } from './scalar-type.ts';
import { callOf, typeOf, withType } from './term.ts';
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
  if (!ARITHMETIC.has(operator)) throw unsupported(`unknown binary operator "${operator}"`, position);
  const days = dayArithmetic(operator, left, right);
  if (days !== undefined) return days;
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
  if (!isNumber(type)) throw noOverload(position);
  const target = operator === '|/' ? FLOAT8 : type;
  const operation = unaryArithmetic(operator, target);
  if (operation === undefined || (value.kind === 'untyped' && operator === '~')) throw noOverload(position);
  return callOf(operation, [implicitly(value, target)], target);
}

function pattern(operator: string, left: Term, right: Term, position: number | null): Expression {
  const sides = unify(left, right, position);
  if (sides.type.family !== 'text') throw noOverload(position);
  return matches(operator, sides.type, [sides.left, sides.right], position);
}

/** One side is text; the other is, or has the text that a cast gives it. */
function concatenate(left: Term, right: Term, position: number | null): Expression {
  const texts = [left, right].map((side) => {
    const isText = side.kind === 'untyped' || typeOf(side.expression).family === 'text';
    return { isText, expression: castTo(withType(side, TEXT), isText ? typeOfAll([side], position) : TEXT) };
  });
  const [a, b] = texts;
  if (a?.expression === undefined || b?.expression === undefined || !(a.isText || b.isText)) {
    throw noOverload(position);
  }
  const type = typeOfAll(
    [a.expression, b.expression].map((expression) => ({ kind: 'typed', expression, position }) as const),
    position,
  );
  return callOf(CONCATENATE, [a.expression, b.expression], type);
}
