import type { Expression, Operation } from './condition.ts';
import { DATE, INT4 } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf, typeOf, withType } from './term.ts';
import type { Term } from './term.ts';
import { INFINITE, MICROS_PER_DAY, inRange } from './timestamp.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Value } from './value.ts';

/** Date ± days, days + date, and the days between two dates; undefined when the operands are others. */
export function dayArithmetic(operator: string, left: Term, right: Term): Expression | undefined {
  const [a, b] = [known(left), known(right)];
  const isDays = (type: ScalarType | undefined) => type?.family === 'integer' && type.bits !== 64;
  if (operator === '+' && a?.family === 'date' && isDays(b)) return later(left, right, 1n);
  if (operator === '+' && isDays(a) && b?.family === 'date') return later(right, left, 1n);
  if (operator === '-' && a?.family === 'date' && isDays(b)) return later(left, right, -1n);
  if (operator !== '-' || (a ?? b)?.family !== 'date' || (b ?? a)?.family !== 'date') return undefined;
  return callOf(DAYS_BETWEEN, [withType(left, DATE), withType(right, DATE)], INT4);
}

function known(term: Term): ScalarType | undefined {
  return term.kind === 'typed' ? typeOf(term.expression) : undefined;
}

function later(date: Term, days: Term, sign: 1n | -1n): Expression {
  const operation: Operation = {
    sql: (a = '', b = '') => `${a} ${sign === 1n ? '+' : '-'} ${b}`,
    evaluate: (from, count) => {
      if (isInfinite(from)) return from;
      const moved = (from as bigint) + sign * BigInt(count as number) * MICROS_PER_DAY;
      if (!inRange('date', moved)) throw new EvaluationError('date out of range');
      return moved;
    },
  };
  return callOf(operation, [withType(date, DATE), withType(days, INT4)], DATE);
}

const DAYS_BETWEEN: Operation = {
  sql: (a = '', b = '') => `${a} - ${b}`,
  evaluate: (a, b) => {
    if (isInfinite(a) || isInfinite(b)) throw new EvaluationError('cannot subtract infinite dates');
    return Number(((a as bigint) - (b as bigint)) / MICROS_PER_DAY);
  },
};

function isInfinite(value: Value): boolean {
  return value === INFINITE || value === -INFINITE;
}
