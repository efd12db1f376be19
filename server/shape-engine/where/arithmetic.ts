import { fit } from './cast.ts';
import type { Operation } from './condition.ts';
import { addNumerics, multiplyNumerics, negateNumeric } from './decimal.ts';
import type { Numeric } from './decimal.ts';
import { divideNumerics, remainderNumerics } from './division.ts';
import { isSingle } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Value } from './value.ts';

type Binary = (a: Value, b: Value) => Value;
type Unary = (a: Value) => Value;

/** The operation of two numbers of `type`; undefined where Postgres has none, or we know none that is exact. */
export function binaryArithmetic(operator: string, type: ScalarType): Operation | undefined {
  const evaluate = binaryOf(operator, type);
  if (evaluate === undefined) return undefined;
  return { sql: (a = '', b = '') => `${a} ${operator} ${b}`, evaluate: (a, b) => evaluate(a, b) };
}

/** The operation of one number of `type`. */
export function unaryArithmetic(operator: string, type: ScalarType): Operation | undefined {
  const evaluate = unaryOf(operator, type);
  if (evaluate === undefined) return undefined;
  return { sql: (a = '') => `${operator} ${a}`, evaluate: (a) => evaluate(a) };
}

function binaryOf(operator: string, type: ScalarType): Binary | undefined {
  switch (type.family) {
    case 'integer': {
      const operation = table(INTEGER, operator);
      const bits = type.bits ?? 64;
      return operation && ((a, b) => fit(operation(BigInt(a as bigint), BigInt(b as bigint)), bits));
    }
    case 'numeric':
      return table(NUMERIC, operator) as Binary | undefined;
    case 'float': {
      const operation = table(FLOAT, operator);
      const shorten = isSingle(type) ? Math.fround : (value: number) => value;
      return operation && ((a, b) => operation(a as number, b as number, shorten));
    }
    default:
      return undefined;
  }
}

function unaryOf(operator: string, type: ScalarType): Unary | undefined {
  switch (type.family) {
    case 'integer': {
      const operation = table(INTEGER_UNARY, operator);
      const bits = type.bits ?? 64;
      return operation && ((a) => fit(operation(BigInt(a as bigint)), bits));
    }
    case 'numeric':
      return table(NUMERIC_UNARY, operator) as Unary | undefined;
    case 'float':
      return table(FLOAT_UNARY, operator) as Unary | undefined;
    default:
      return undefined;
  }
}

function table<F>(operations: Readonly<Record<string, F>>, operator: string): F | undefined {
  return Object.hasOwn(operations, operator) ? operations[operator] : undefined;
}

/** Computed without bounds; a result that the type does not hold is an error, as in Postgres. */
const INTEGER: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / nonZero(b),
  '%': (a, b) => a % nonZero(b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '#': (a, b) => a ^ b,
};

const INTEGER_UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  '+': (a) => a,
  '-': (a) => -a,
  '@': (a) => (a < 0n ? -a : a),
  '~': (a) => ~a,
};

const NUMERIC: Readonly<Record<string, (a: Numeric, b: Numeric) => Numeric>> = {
  '+': addNumerics,
  '-': (a, b) => addNumerics(a, negateNumeric(b)),
  '*': multiplyNumerics,
  '/': divideNumerics,
  '%': remainderNumerics,
};

const NUMERIC_UNARY: Readonly<Record<string, (a: Numeric) => Numeric>> = {
  '+': (a) => a,
  '-': negateNumeric,
  '@': (a) => {
    if (typeof a === 'number') return Math.abs(a);
    return a.coefficient < 0n ? negateNumeric(a) : a;
  },
};

/** Rounds to a float's own length; a result rounded to the longer one before is the same. */
type Shorten = (value: number) => number;

/** IEEE 754, save that what overflows or vanishes is an error. Powers are missing: they are not exact anywhere. */
const FLOAT: Readonly<Record<string, (a: number, b: number, shorten: Shorten) => number>> = {
  '+': (a, b, shorten) => finite(shorten(a + b), a, b),
  '-': (a, b, shorten) => finite(shorten(a - b), a, b),
  '*': (a, b, shorten) => notVanished(finite(shorten(a * b), a, b), a === 0 || b === 0),
  '/': (a, b, shorten) => {
    if (b === 0 && !Number.isNaN(a)) throw new EvaluationError('division by zero');
    // A number divided by an infinity is zero in truth.
    return notVanished(finite(shorten(a / b), a, 0), a === 0 || !Number.isFinite(b));
  },
};

const FLOAT_UNARY: Readonly<Record<string, (a: number) => number>> = {
  '+': (a) => a,
  '-': (a) => -a,
  '@': Math.abs,
  '|/': (a) => {
    if (a < 0) throw new EvaluationError('cannot take square root of a negative number');
    return Math.sqrt(a);
  },
};

function finite(result: number, a: number, b: number): number {
  const overflow = Math.abs(result) === Infinity && Math.abs(a) !== Infinity && Math.abs(b) !== Infinity;
  if (overflow) throw new EvaluationError('value out of range: overflow');
  return result;
}

function notVanished(result: number, mayBeZero: boolean): number {
  if (result === 0 && !mayBeZero) throw new EvaluationError('value out of range: underflow');
  return result;
}

/**
 * `value << count`, `value >> count` by a constant within the type's width: beyond it the result is the machine's.
 * Undefined for other counts.
 */
export function shift(operator: '<<' | '>>', bits: 16 | 32 | 64, count: number): Operation | undefined {
  if (count < 0 || count >= bits) return undefined;
  const by = BigInt(count);
  const shifted = (value: bigint) => BigInt.asIntN(bits, operator === '<<' ? value << by : value >> by);
  return {
    sql: (value = '') => `${value} ${operator} ${count}`,
    evaluate: (value) => fit(shifted(BigInt(value as bigint)), bits),
  };
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new EvaluationError('division by zero');
  return divisor;
}
