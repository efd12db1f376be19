import type { Expression } from './condition.ts';
import { canonicalText } from './constant.ts';
import { decimalOf, formatNumeric, rounded } from './decimal.ts';
import type { Numeric } from './decimal.ts';
import { isInfiniteInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { isMoment, isSingle } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf, typeOf } from './term.ts';
import { INFINITE, MICROS_PER_DAY, formatMoment, inRange } from './timestamp.ts';
import type { MomentFamily } from './timestamp.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Value } from './value.ts';

type Conversion = (value: Value) => Value | null;

/** The expression as a value of `type`, as a cast makes it; undefined where we know no exact way. */
export function castTo(expression: Expression, type: ScalarType): Expression | undefined {
  const from = typeOf(expression);
  if (from.sqlName === type.sqlName) return expression;
  if (expression.kind === 'constant' && isWidening(from, type)) {
    const text = expression.text === null ? null : canonicalText(type, expression.text);
    return text === undefined ? undefined : { kind: 'constant', type, text };
  }
  const convert = conversion(from, type);
  if (convert === undefined) return undefined;
  const sql = (value = '') => `${value}::${type.sqlName}`;
  return callOf({ sql, evaluate: (value) => convert(value) }, [expression], type);
}

/** Whether a constant's text says the same in the other type. */
function isWidening(from: ScalarType, to: ScalarType): boolean {
  if (from.family === 'integer')
    return to.family === 'integer' || to.family === 'numeric' || to.family === 'float';
  return from.family === 'numeric' && to.family === 'float';
}

function conversion(from: ScalarType, to: ScalarType): Conversion | undefined {
  if (to.family === 'text') return textConversion(from);
  if (to.family === 'integer') return integerConversion(from, to.bits ?? 64);
  if (to.family === 'numeric' && from.family === 'integer') return (value) => decimalOf(value as bigint);
  if (to.family === 'float') return floatConversion(from, to);
  if (to.family === 'boolean' && from.family === 'integer' && from.bits === 32) return (value) => value !== 0;
  if (from.family === 'time' && to.family === 'interval') {
    return (value) => ({ months: 0n, days: 0n, micros: value as bigint });
  }
  if (from.family === 'interval' && to.family === 'time') return timeOfInterval;
  if (isMoment(from)) return momentConversion(from, to);
  return undefined;
}

function textConversion(from: ScalarType): Conversion | undefined {
  switch (from.family) {
    case 'integer':
    case 'boolean':
      return String;
    case 'uuid':
    case 'text':
    case 'bpchar':
      return (value) => value;
    case 'enum': {
      const labels = from.labels!;
      return (value) => labels[value as number]!;
    }
    case 'numeric':
      return (value) => formatNumeric(value as Numeric);
    case 'timestamptz':
    case 'timestamp':
    case 'date':
    case 'time': {
      const family: MomentFamily = from.family;
      return (value) => formatMoment(family, value as bigint);
    }
    case 'float':
    case 'bytea':
    case 'jsonb':
    case 'timetz':
    case 'interval':
    case 'array':
    case 'opaque':
      return undefined;
  }
}

function integerConversion(from: ScalarType, bits: number): Conversion | undefined {
  switch (from.family) {
    case 'integer':
      return (value) => fit(BigInt(value as bigint), bits);
    case 'boolean':
      return bits === 32 ? Number : undefined;
    case 'numeric':
      return (value) => {
        if (typeof value !== 'object' || !('coefficient' in value))
          throw new EvaluationError('cannot convert NaN or infinity to an integer');
        return fit(rounded(value, 0).coefficient, bits);
      };
    case 'float':
      return (value) => {
        if (!Number.isFinite(value)) throw new EvaluationError('integer out of range');
        return fit(BigInt(roundHalfEven(value as number)), bits);
      };
    default:
      return undefined;
  }
}

/** The integer as a value of a type of so many bits. */
export function fit(value: bigint, bits: number): number | bigint {
  if (BigInt.asIntN(bits, value) !== value) throw new EvaluationError('integer out of range');
  return bits === 64 ? value : Number(value);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What is rounded on the way, and then again, is not exact: no longer numbers become a `float4`. */
function floatConversion(from: ScalarType, to: ScalarType): Conversion | undefined {
  const single = isSingle(to);
  switch (from.family) {
    case 'integer':
      return single && from.bits === 64
        ? undefined
        : single
          ? (value) => Math.fround(value as number)
          : Number;
    case 'numeric':
      return single ? undefined : (value) => floatOf(value as Numeric);
    case 'float':
      return single ? (value) => shorter(value as number) : (value) => value;
    default:
      return undefined;
  }
}

function shorter(value: number): number {
  const single = Math.fround(value);
  const overflows = !Number.isFinite(single) && Number.isFinite(value);
  if (overflows || (single === 0 && value !== 0)) throw new EvaluationError('value out of range for real');
  return single;
}

function floatOf(value: Numeric): number {
  if (typeof value === 'number') return value;
  const float = Number(formatNumeric(value));
  if (!Number.isFinite(float) || (float === 0 && value.coefficient !== 0n)) {
    throw new EvaluationError('value out of range for double precision');
  }
  return float;
}

/** Between dates and times; without zone they are UTC, as in every session of ours. */
function momentConversion(from: ScalarType, to: ScalarType): Conversion | undefined {
  switch (to.family) {
    case 'timestamptz':
    case 'timestamp': {
      const { family } = to;
      return (value) => {
        if (!inRange(family, value as bigint)) throw new EvaluationError('date out of range for timestamp');
        return value;
      };
    }
    case 'date':
      return (value) => (isInfinite(value) ? value : (value as bigint) - timeOfDay(value as bigint));
    case 'time':
      if (from.family === 'date') return undefined;
      return (value) => (isInfinite(value) ? null : timeOfDay(value as bigint));
    default:
      return undefined;
  }
}

function timeOfInterval(value: Value): bigint {
  if (isInfiniteInterval(value as Interval)) {
    throw new EvaluationError('cannot convert infinite interval to time');
  }
  return timeOfDay((value as Interval).micros);
}

function isInfinite(value: Value): boolean {
  return value === INFINITE || value === -INFINITE;
}

function timeOfDay(micros: bigint): bigint {
  return ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
}
