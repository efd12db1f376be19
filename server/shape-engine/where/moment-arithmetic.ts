import { civilFromDays, daysFromCivil, daysInMonth } from './calendar.ts';
import { castTo } from './cast.ts';
import type { Expression, Operation } from './condition.ts';
import { EvaluationError } from './evaluation-error.ts';
import {
  addIntervals,
  intervalOf,
  isInfiniteInterval,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
  INTERVAL_INFINITE,
  INTERVAL_MINUS_INFINITE,
} from './interval.ts';
import type { Interval } from './interval.ts';
import { DATE, FLOAT8, INT4, INTERVAL, TIME, TIMESTAMP, TIMESTAMPTZ } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf, typeOf, withType } from './term.ts';
import type { Term } from './term.ts';
import { INFINITE, MICROS_PER_DAY, inRange } from './timestamp.ts';
import type { Value } from './value.ts';

/** Kinds of operands; `days` is an integer, `any` has no type of its own. */
type Kind = 'date' | 'stamp' | 'time' | 'interval' | 'days' | 'any' | 'other';
type Builder = (left: Term, right: Term) => Expression;

/** Sums, differences and whole multiples of dates, times and intervals, by the operator that Postgres chooses for the operands. */
export function momentArithmetic(operator: string, left: Term, right: Term): Expression | undefined {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (operator === '-') return DIFFERENCES[`${a} ${b}`]?.(left, right);
  if (operator === '*') return product(left, right);
  if (operator !== '+') return undefined;
  const sum = SUMS[`${a} ${b}`];
  if (sum !== undefined) return sum(left, right);
  return SUMS[`${b} ${a}`]?.(right, left);
}

/** `- interval`. */
export const NEGATE_INTERVAL: Operation = {
  sql: (a = '') => `- ${a}`,
  evaluate: (a) => negateInterval(a as Interval),
};

function kindOf(term: Term): Kind {
  if (term.kind === 'untyped') return 'any';
  const { family, bits } = typeOf(term.expression);
  switch (family) {
    case 'date':
    case 'time':
    case 'interval':
      return family;
    case 'timestamp':
    case 'timestamptz':
      return 'stamp';
    case 'integer':
      return bits === 64 ? 'other' : 'days';
    default:
      return 'other';
  }
}

/** Either order; the operands come in the order of the key. */
const SUMS: Readonly<Record<string, Builder>> = {
  'date days': (date, days) => moveDate('+', date, days),
  'date interval': (date, interval) => moveStamp('+', cast(date, TIMESTAMP), interval),
  'date time': (date, time) => moveStamp('+', cast(date, TIMESTAMP), time),
  'stamp interval': (stamp, interval) => moveStamp('+', stamp, interval),
  'stamp time': (stamp, time) => moveStamp('+', stamp, time),
  'stamp any': (stamp, interval) => moveStamp('+', stamp, interval),
  'time interval': (time, interval) => moveTime('+', time, interval),
  'time any': (time, interval) => moveTime('+', time, interval),
  'interval interval': (a, b) =>
    call('+', a, b, INTERVAL, (x, y) => addIntervals(x as Interval, y as Interval)),
  'interval any': (a, b) => call('+', a, b, INTERVAL, (x, y) => addIntervals(x as Interval, y as Interval)),
};

const DIFFERENCES: Readonly<Record<string, Builder>> = {
  'date date': daysBetween,
  'date any': daysBetween,
  'any date': daysBetween,
  'date days': (date, days) => moveDate('-', date, days),
  'date interval': (date, interval) => moveStamp('-', cast(date, TIMESTAMP), interval),
  'date time': (date, time) => moveStamp('-', cast(date, TIMESTAMP), time),
  'date stamp': between,
  'stamp date': between,
  'stamp stamp': between,
  'stamp any': between,
  'any stamp': between,
  'stamp interval': (stamp, interval) => moveStamp('-', stamp, interval),
  'stamp time': (stamp, time) => moveStamp('-', stamp, time),
  'time time': betweenTimes,
  'time any': betweenTimes,
  'any time': betweenTimes,
  'time interval': (time, interval) => moveTime('-', time, interval),
  'interval interval': intervalDifference,
  'interval any': intervalDifference,
  'any interval': intervalDifference,
  'interval time': intervalDifference,
};

/** By whole numbers: what others leave of a month or a day is rounded as the machine does it. */
function product(left: Term, right: Term): Expression | undefined {
  const isInteger = (term: Term) => term.kind === 'typed' && typeOf(term.expression).family === 'integer';
  if (kindOf(left) === 'interval' && isInteger(right)) return multiple(left, right);
  return isInteger(left) && kindOf(right) === 'interval' ? multiple(right, left) : undefined;
}

function multiple(interval: Term, factor: Term): Expression {
  const evaluate = (span: Value, times: Value) => multiplyInterval(span as Interval, times as number);
  const args = [withType(interval, INTERVAL), castTo(withType(factor, FLOAT8), FLOAT8)!];
  return callOf(operationOf('*', evaluate), args, INTERVAL);
}

function cast(term: Term, type: ScalarType): Term {
  const expression = castTo(withType(term, type), type)!;
  return { kind: 'typed', expression, position: term.position };
}

/** Both operands brought to `type`. */
function call(
  operator: string,
  left: Term,
  right: Term,
  type: ScalarType,
  evaluate: (a: Value, b: Value) => Value,
  result: ScalarType = type,
): Expression {
  const sides = [left, right].map((each) => castTo(withType(each, type), type)!);
  return callOf(operationOf(operator, evaluate), sides, result);
}

function operationOf(operator: string, evaluate: (a: Value, b: Value) => Value): Operation {
  return { sql: (a = '', b = '') => `${a} ${operator} ${b}`, evaluate: (a, b) => evaluate(a, b) };
}

function moveDate(operator: '+' | '-', date: Term, days: Term): Expression {
  const operation = operationOf(operator, (from, count) => {
    if (isInfinite(from)) return from;
    const moved = (from as bigint) + (operator === '+' ? 1n : -1n) * BigInt(count as number) * MICROS_PER_DAY;
    if (!inRange('date', moved)) throw new EvaluationError('date out of range');
    return moved;
  });
  return callOf(operation, [withType(date, DATE), withType(days, INT4)], DATE);
}

function daysBetween(left: Term, right: Term): Expression {
  const operation = operationOf('-', (a, b) => {
    if (isInfinite(a) || isInfinite(b)) throw new EvaluationError('cannot subtract infinite dates');
    return Number(((a as bigint) - (b as bigint)) / MICROS_PER_DAY);
  });
  return callOf(operation, [withType(left, DATE), withType(right, DATE)], INT4);
}

function moveStamp(operator: '+' | '-', stamp: Term, span: Term): Expression {
  const from = withType(stamp, TIMESTAMP);
  const type = typeOf(from);
  const evaluate = (at: Value, by: Value) =>
    movedBy(at as bigint, operator === '+' ? (by as Interval) : negateInterval(by as Interval));
  return callOf(operationOf(operator, evaluate), [from, castTo(withType(span, INTERVAL), INTERVAL)!], type);
}

/** Months first, to the same day or the month's last one, then days, then hours; each must lie in range. */
function movedBy(at: bigint, by: Interval): bigint {
  if (isInfiniteInterval(by)) {
    const end = by.months > 0n ? INFINITE : -INFINITE;
    if (isInfinite(at) && at !== end) throw outOfRange();
    return end;
  }
  if (isInfinite(at)) return at;
  const time = ((at % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const { year, month, day } = civilFromDays(Number((at - time) / MICROS_PER_DAY));
  const monthIndex = year * 12 + month - 1 + Number(by.months);
  const [newYear, newMonth] = [
    Math.floor(monthIndex / 12),
    monthIndex - Math.floor(monthIndex / 12) * 12 + 1,
  ];
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  const moved = BigInt(daysFromCivil(newYear, newMonth, newDay)) * MICROS_PER_DAY + time;
  return within(within(within(moved) + by.days * MICROS_PER_DAY) + by.micros);
}

function within(micros: bigint): bigint {
  if (!inRange('timestamp', micros)) throw outOfRange();
  return micros;
}

function between(left: Term, right: Term): Expression {
  const zoned = [left, right].some(
    (each) => each.kind === 'typed' && typeOf(each.expression).family === 'timestamptz',
  );
  const type = zoned ? TIMESTAMPTZ : TIMESTAMP;
  return call('-', left, right, type, (a, b) => spanBetween(a as bigint, b as bigint), INTERVAL);
}

/** Infinite ones have a difference since Postgres 17; before, the query fails on them. */
function spanBetween(a: bigint, b: bigint): Interval {
  if (!isInfinite(a) && !isInfinite(b)) return intervalOf(a - b);
  if (a === b) throw new EvaluationError('interval out of range');
  return a > b ? INTERVAL_INFINITE : INTERVAL_MINUS_INFINITE;
}

function moveTime(operator: '+' | '-', time: Term, span: Term): Expression {
  const evaluate = (at: Value, by: Value) => {
    if (isInfiniteInterval(by as Interval)) throw new EvaluationError('cannot add infinite interval to time');
    const { micros } = by as Interval;
    // Postgres computes this in 64 bits, and lets them overflow.
    const moved = BigInt.asIntN(64, (at as bigint) + (operator === '+' ? micros : -micros));
    return ((moved % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  };
  return callOf(operationOf(operator, evaluate), [withType(time, TIME), withType(span, INTERVAL)], TIME);
}

function betweenTimes(left: Term, right: Term): Expression {
  const evaluate = (a: Value, b: Value) => ({ months: 0n, days: 0n, micros: (a as bigint) - (b as bigint) });
  return call('-', left, right, TIME, evaluate, INTERVAL);
}

function intervalDifference(left: Term, right: Term): Expression {
  return call('-', left, right, INTERVAL, (a, b) => subtractIntervals(a as Interval, b as Interval));
}

function isInfinite(value: Value): boolean {
  return value === INFINITE || value === -INFINITE;
}

function outOfRange(): EvaluationError {
  return new EvaluationError('timestamp out of range');
}
